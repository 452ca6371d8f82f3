//! The query of a request, percent-decoded.
//! A `+` stays a plus: ZPA wants spaces as `%20` (zpa-scim.md 6), and addresses hold pluses.

use crate::error_body::Problem;

/// The parameters in order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            decoded(name)
                .zip(decoded(value))
                .ok_or_else(|| Problem::new(400, format!("query `{pair}` is not percent-encoded UTF-8")))
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// The first value of a parameter.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(other, _)| other == name)?;
        Some(&pair.1)
    }
}

/// Percent-decoded text; `None` where an escape is cut short or the bytes are no UTF-8.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push(u8::try_from(high << 4 | low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_is_a_plus() {
        let query = Query::parse("filter=a+b%20c&count=5").unwrap();
        assert_eq!(query.value("filter"), Some("a+b c"));
        assert_eq!(query.value("count"), Some("5"));
        assert_eq!(query.value("startIndex"), None);
    }

    #[test]
    fn a_broken_escape_is_refused() {
        for text in ["a=%", "a=%2", "a=%zz", "a=%ff"] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
    }
}
