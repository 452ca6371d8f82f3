//! Zscaler's clouds: the host of each, and the form of an endpoint (zpa-scim 1). Everything else about the vendor is the
//! connector's.

use clap::ValueEnum;

use crate::account;

/// A cloud, under the name that Zscaler's own libraries give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Cloud {
    /// private.zscaler.com, where most customers are
    Production,
    Beta,
    Zpatwo,
    Gov,
    Govus,
    Preview,
}

impl Cloud {
    fn host(self) -> &'static str {
        match self {
            Cloud::Production => "scim1.private.zscaler.com",
            Cloud::Beta => "scim1.zpabeta.net",
            Cloud::Zpatwo => "scim1.zpatwo.net",
            Cloud::Gov => "scim1.zpagov.net",
            Cloud::Govus => "scim1.zpagov.us",
            Cloud::Preview => "scim1.zpapreview.net",
        }
    }

    /// The endpoint of an identity provider in this cloud. The `1` is the user database, the same in every example
    /// (zpa-scim 1, inferred).
    pub(super) fn endpoint(self, idp: &str) -> String {
        format!("https://{}/scim/1/{idp}/v2", self.host())
    }

    /// The cloud that has this host.
    pub(super) fn of(host: &str) -> Option<Cloud> {
        Cloud::value_variants().iter().copied().find(|cloud| cloud.host().eq_ignore_ascii_case(host))
    }
}

/// The id of an identity provider configuration: digits, 18 in every example.
pub(super) fn idp(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an id of an identity provider is digits alone, such as 216196257331281920".to_owned())
    }
}

/// The endpoint as it is to be used: as it was given, but for a known host of ZPA, where `/v2` may have been left out.
pub(super) fn completed(endpoint: &str) -> String {
    let trimmed = endpoint.trim_end_matches('/');
    let is_known = is_zpa(&account::host(endpoint)) && endpoint.starts_with("https://");
    let path = trimmed.splitn(4, '/').nth(3).unwrap_or_default();
    // `scim/{database}/{provider}` and nothing behind it.
    let mut parts = path.split('/');
    let is_short = parts.next() == Some("scim") && parts.clone().count() == 2 && parts.all(|part| !part.is_empty());
    if is_known && is_short && !path.contains(['?', '#']) { format!("{trimmed}/v2") } else { endpoint.to_owned() }
}

/// Whether the host is one of ZPA's. The one without `1` is in Zscaler's own examples (zpa-scim 1).
fn is_zpa(host: &str) -> bool {
    Cloud::of(host).is_some() || host.eq_ignore_ascii_case("scim.private.zscaler.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_used_as_it_was_given() {
        for endpoint in [
            "https://scim1.private.zscaler.com/scim/1/216196257331281920/v2",
            "https://scim1.private.zscaler.com/scim/1/216196257331281920/v2/",
            "https://scim1.private.zscaler.com/other",
            "https://scim1.private.zscaler.com/",
            "https://scim.example/scim/1/216196257331281920",
            "http://127.0.0.1:8080/scim/1/2",
            "https://scim1.private.zscaler.com/scim/1/2?x",
            "",
        ] {
            assert_eq!(completed(endpoint), endpoint);
        }
    }

    #[test]
    fn a_known_host_gets_the_version_that_was_left_out() {
        let whole = "https://scim1.zpabeta.net/scim/1/216196257331281920/v2";
        assert_eq!(completed("https://scim1.zpabeta.net/scim/1/216196257331281920"), whole);
        assert_eq!(completed("https://scim1.zpabeta.net/scim/1/216196257331281920/"), whole);
        assert_eq!(Cloud::Beta.endpoint("216196257331281920"), whole);
        assert_eq!(
            completed("https://scim.private.zscaler.com/scim/1/2"),
            "https://scim.private.zscaler.com/scim/1/2/v2"
        );
    }

    #[test]
    fn an_idp_is_digits() {
        assert!(idp("216196257331281920").is_ok());
        for wrong in ["", "1/2", "../x", "abc", "1 2"] {
            assert!(idp(wrong).is_err());
        }
    }
}
