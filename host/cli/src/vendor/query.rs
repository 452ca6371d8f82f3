//! A query as it is typed, encoded or not, as the parameters that it means.

use crate::failure::Failure;

/// The parameters of a query, decoded; the connector encodes them again.
pub(super) fn parameters(query: &str) -> anyhow::Result<Vec<(String, String)>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}

/// `%20` as the byte that it stands for. A `+` is a plus, and a `%` that is no code is itself.
fn decoded(text: &str) -> anyhow::Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let code = after.first_chunk::<2>().and_then(|[high, low]| Some(digit(*high)? * 16 + digit(*low)?));
        match code {
            Some(code) if *byte == b'%' => {
                bytes.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| {
        Failure::usage(format!("`{text}` is not UTF-8 once it is decoded"), "queries are UTF-8; `%25` is a `%`").into()
    })
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| digit.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_may_be_typed_encoded_or_not() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let filter = pair("filter", "userName eq \"a+b@c.example\"");
        assert_eq!(
            parameters("filter=userName eq \"a+b@c.example\"&count=1").unwrap(),
            [filter.clone(), pair("count", "1")]
        );
        assert_eq!(parameters("filter=userName%20eq%20%22a+b%40c.example%22").unwrap(), [filter]);
        assert_eq!(
            parameters("a&&b=100%&c=%2&d=%zz").unwrap(),
            [pair("a", ""), pair("b", "100%"), pair("c", "%2"), pair("d", "%zz")]
        );
        assert_eq!(parameters("").unwrap(), []);
        assert_eq!(parameters("a=%ff").unwrap_err().to_string(), "`%ff` is not UTF-8 once it is decoded");
    }
}
