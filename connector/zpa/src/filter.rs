//! Filters of RFC 7644 section 3.4.2.2. Only `eq` is built: it is all that clients of ZPA are known to send
//! (zpa-scim 6).

use alloc::format;
use alloc::string::String;

use crate::attribute::Path;
use crate::json::quoted;

/// `path eq "value"`. The value is a JSON string, so quotes, backslashes and control characters in it stay inside it.
pub fn equals(path: &Path, value: &str) -> String {
    format!("{path} eq {}", quoted(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::encode;
    use proptest::prelude::*;
    use std::prelude::v1::*;

    #[test]
    fn nothing_in_a_value_ends_it() {
        let path = Path::parse("userName").unwrap();
        let filter = |value| equals(&path, value);
        assert_eq!(filter("a"), r#"userName eq "a""#);
        assert_eq!(filter("a\" or userName pr or \""), r#"userName eq "a\" or userName pr or \"""#);
        assert_eq!(filter("tab\t back\\slash"), r#"userName eq "tab\u0009 back\\slash""#);
        assert_eq!(encode(&filter("zoë@x")), "userName%20eq%20%22zo%C3%AB%40x%22");
    }

    proptest! {
        #[test]
        fn a_value_reads_back_as_itself(value: String) {
            let filter = equals(&Path::parse("userName").unwrap(), &value);
            let json = filter.strip_prefix("userName eq ").unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(json).unwrap(), value);
        }
    }
}
