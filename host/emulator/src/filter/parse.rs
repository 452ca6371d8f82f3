//! From text to trees, by recursive descent with a bound on its depth.
//! No text panics, and nothing is guessed: what does not parse is `None`.

use serde_json::Value;

use super::{AttributePath, ENTERPRISE, Filter, Operator, Path};

/// Deeper nesting is refused, so that no text exhausts the stack.
const DEEPEST: usize = 40;

const OPERATORS: [(&str, Operator); 9] = [
    ("eq", Operator::Equal),
    ("ne", Operator::NotEqual),
    ("co", Operator::Contains),
    ("sw", Operator::StartsWith),
    ("ew", Operator::EndsWith),
    ("gt", Operator::Greater),
    ("ge", Operator::GreaterOrEqual),
    ("lt", Operator::Less),
    ("le", Operator::LessOrEqual),
];

impl Filter {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text.trim() };
        let filter = reader.either(0)?;
        reader.rest.is_empty().then_some(filter)
    }
}

impl Path {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case(ENTERPRISE) {
            return Some(Self { attribute: AttributePath::of_member(text), values: None, sub: None });
        }
        let mut reader = Reader { rest: text };
        let attribute = reader.attribute()?;
        let values = if reader.eat("[") { Some(reader.values()?) } else { None };
        let sub = match reader.rest.strip_prefix('.') {
            Some(sub) if values.is_some() && is_name(sub) => Some(sub.to_owned()),
            None if reader.rest.is_empty() => None,
            _ => return None,
        };
        Some(Self { attribute, values, sub })
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn either(&mut self, depth: usize) -> Option<Filter> {
        let mut parts = vec![self.all(depth)?];
        while self.keyword("or") {
            parts.push(self.all(depth)?);
        }
        Some(joined(parts, Filter::Or))
    }

    fn all(&mut self, depth: usize) -> Option<Filter> {
        let mut parts = vec![self.term(depth)?];
        while self.keyword("and") {
            parts.push(self.term(depth)?);
        }
        Some(joined(parts, Filter::And))
    }

    fn term(&mut self, depth: usize) -> Option<Filter> {
        if depth >= DEEPEST {
            return None;
        }
        self.space();
        if self.eat("(") {
            let inner = self.either(depth + 1)?;
            self.space();
            return self.eat(")").then_some(inner);
        }
        let before = self.rest;
        if self.word().eq_ignore_ascii_case("not") {
            self.space();
            if self.eat("(") {
                let inner = self.either(depth + 1)?;
                self.space();
                return self.eat(")").then(|| Filter::Not(Box::new(inner)));
            }
        }
        self.rest = before;
        self.expression()
    }

    fn expression(&mut self) -> Option<Filter> {
        let attribute = self.attribute()?;
        if self.eat("[") {
            return Some(Filter::Values(attribute, Box::new(self.values()?)));
        }
        if !self.space() {
            return None;
        }
        let operator = self.word();
        if operator.eq_ignore_ascii_case("pr") {
            return Some(Filter::Present(attribute));
        }
        let operator = OPERATORS.iter().find(|(word, _)| word.eq_ignore_ascii_case(operator))?.1;
        if !self.space() {
            return None;
        }
        Some(Filter::Compare(attribute, operator, self.value()?))
    }

    /// What stands between brackets, the closing one included. Brackets do not nest (RFC 7644 figure 1).
    fn values(&mut self) -> Option<Filter> {
        let inner = self.either(1)?;
        self.space();
        (self.eat("]") && !has_values(&inner)).then_some(inner)
    }

    fn attribute(&mut self) -> Option<AttributePath> {
        let word = self.word();
        let (urn, plain) = match word.rsplit_once(':') {
            Some((urn, plain)) => (Some(urn).filter(|urn| urn.to_ascii_lowercase().starts_with("urn:")), plain),
            None => (None, word),
        };
        if word.contains(':') && urn.is_none() {
            return None;
        }
        let (name, sub) = plain.split_once('.').map_or((plain, None), |(name, sub)| (name, Some(sub)));
        (is_name(name) && sub.is_none_or(is_name)).then(|| AttributePath {
            urn: urn.map(str::to_owned),
            name: name.to_owned(),
            sub: sub.map(str::to_owned),
        })
    }

    /// A JSON literal. Its end is found first, so that a long filter is read once.
    fn value(&mut self) -> Option<Value> {
        let end = if self.rest.starts_with('"') { text_end(self.rest)? } else { word_end(self.rest) };
        let (literal, rest) = self.rest.split_at_checked(end)?;
        let value = serde_json::from_str(literal).ok()?;
        self.rest = rest;
        Some(value).filter(|value: &Value| !value.is_array() && !value.is_object())
    }

    /// True where the keyword stands next, with a space before it and something but a letter behind.
    fn keyword(&mut self, keyword: &str) -> bool {
        let before = self.rest;
        let found = self.space() && self.word().eq_ignore_ascii_case(keyword);
        if !found {
            self.rest = before;
        }
        found
    }

    fn word(&mut self) -> &'a str {
        let (word, rest) = self.rest.split_at_checked(word_end(self.rest)).unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn space(&mut self) -> bool {
        let trimmed = self.rest.trim_start_matches(' ');
        let found = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        found
    }
}

fn word_end(text: &str) -> usize {
    text.find([' ', '(', ')', '[', ']']).unwrap_or(text.len())
}

/// Behind the quote that ends a JSON string.
fn text_end(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (position, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(position + 1),
            _ => {}
        }
    }
    None
}

/// `ATTRNAME` of RFC 7643 2.1, and `$ref`.
fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    text == "$ref"
        || bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn has_values(filter: &Filter) -> bool {
    match filter {
        Filter::Values(..) => true,
        Filter::Not(inner) => has_values(inner),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(has_values),
        Filter::Present(_) | Filter::Compare(..) => false,
    }
}

fn joined(mut parts: Vec<Filter>, join: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() > 1 {
        return join(parts);
    }
    // There is always one: the callers begin with it.
    parts.pop().unwrap_or(Filter::Or(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn attribute(name: &str) -> AttributePath {
        AttributePath::of_member(name)
    }

    fn equals(name: &str, value: Value) -> Filter {
        Filter::Compare(attribute(name), Operator::Equal, value)
    }

    #[test]
    fn and_binds_tighter_than_or_and_brackets_tighter_than_both() {
        let [a, b, c] = ["a", "b", "c"].map(|name| equals(name, json!(1)));
        let read = |text| Filter::parse(text).unwrap();
        let both = Filter::And(vec![b.clone(), c.clone()]);
        assert_eq!(read("a eq 1 or b eq 1 and c eq 1"), Filter::Or(vec![a.clone(), both]));
        let either = Filter::Or(vec![a.clone(), b.clone()]);
        assert_eq!(read("(a eq 1 OR b eq 1) AND c eq 1"), Filter::And(vec![either.clone(), c]));
        assert_eq!(read("not (a eq 1 or b eq 1)"), Filter::Not(Box::new(either)));
        assert_eq!(read("a[b eq 1]"), Filter::Values(attribute("a"), Box::new(b)));
    }

    #[test]
    fn an_attribute_may_have_a_urn_and_a_part() {
        let filter = Filter::parse("urn:ietf:params:scim:schemas:core:2.0:User:name.familyName pr");
        let path = AttributePath {
            urn: Some("urn:ietf:params:scim:schemas:core:2.0:User".to_owned()),
            name: "name".to_owned(),
            sub: Some("familyName".to_owned()),
        };
        assert_eq!(filter, Some(Filter::Present(path)));
    }

    #[test]
    fn a_path_may_choose_values_and_a_part_of_them() {
        let work = Filter::Compare(attribute("type"), Operator::Equal, json!("work"));
        let path = Path { attribute: attribute("emails"), values: Some(work), sub: Some("value".to_owned()) };
        assert_eq!(Path::parse("emails[type eq \"work\"].value"), Some(path));
        let whole = Path { attribute: attribute(ENTERPRISE), values: None, sub: None };
        assert_eq!(Path::parse(ENTERPRISE), Some(whole));
    }

    #[test]
    fn what_does_not_parse_is_nothing() {
        for text in [
            "",
            "a",
            "a eq",
            "a eq x",
            "a eq \"x",
            "a is 1",
            "a eq TRUE",
            "a eq [1]",
            "a eq {}",
            "(a eq 1",
            "a eq 1)",
            "a eq 1 and",
            "and a eq 1",
            "a[b[c eq 1]]",
            "a[b eq 1",
            "1a eq 1",
            "a.b.c eq 1",
            "x:a eq 1",
            "not a eq 1",
            "a eq 1 b eq 1",
            "a[b eq 1].c eq 1",
        ] {
            assert_eq!(Filter::parse(text), None, "{text}");
        }
        for text in ["", "a.b.c", "a[b eq 1]c", "a[b eq 1].", "a b", "a.[b eq 1]", "[b eq 1]", "members[]"] {
            assert_eq!(Path::parse(text), None, "{text}");
        }
        assert_eq!(Filter::parse(&format!("{}a eq 1{}", "(".repeat(100_000), ")".repeat(100_000))), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), close in "[a-z \\[\\]().\"\\\\:0-9]{0,40}") {
            for text in [&text, &close] {
                let _ = Filter::parse(text);
                let _ = Path::parse(text);
            }
        }

        #[test]
        fn any_text_arrives_whole(value in any::<String>()) {
            let filter = Filter::parse(&format!("userName eq {}", json!(value)));
            prop_assert_eq!(filter, Some(equals("userName", json!(value))));
        }
    }
}
