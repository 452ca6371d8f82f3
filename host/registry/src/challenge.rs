//! What a registry asks for before it lets anybody in: `www-authenticate` (RFC 9110 section 11.6.1), as the registries of
//! the OCI distribution specification use it.

/// How to ask again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// With name and password.
    Basic,
    /// With a token of whoever is at this URL, for this service.
    Bearer { realm: String, service: Option<String> },
}

impl Challenge {
    /// The first challenge of a header that is of a kind known here.
    pub(crate) fn read(header: &str) -> Option<Challenge> {
        let (scheme, parameters) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service) = (None, None);
        let mut rest = parameters;
        while let Some((name, behind)) = rest.split_once('=') {
            let (value, behind) = value(behind)?;
            match name.trim().to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value),
                "service" => service = Some(value),
                _ => {}
            }
            rest = behind.trim_start().strip_prefix(',').unwrap_or("");
        }
        Some(Challenge::Bearer { realm: realm?, service })
    }
}

/// A value, quoted or not, and what comes behind it.
fn value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        let (value, behind) = text.split_at_checked(end)?;
        return Some((value.to_owned(), behind));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            character => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_in_the_forms_that_registries_have() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned) })
        };
        for (header, challenge) in [
            ("Basic realm=\"a registry\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                "Bearer realm=\"https://ghcr.io/token\",service=\"ghcr.io\",scope=\"repository:acme/zpa:pull,push\"",
                bearer("https://ghcr.io/token", Some("ghcr.io")),
            ),
            ("bearer scope=\"a,b=c\" , Realm=https://a.example/t, error=x", bearer("https://a.example/t", None)),
            (r#"Bearer realm="a\"b\\c""#, bearer(r#"a"b\c"#, None)),
            ("Bearer service=\"x\"", None),
            ("Bearer realm=\"open", None),
            ("Digest realm=\"x\"", None),
            ("", None),
        ] {
            assert_eq!(Challenge::read(header), challenge, "{header}");
        }
    }
}
