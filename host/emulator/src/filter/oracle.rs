//! The parser beside one that nobody here wrote: `scim_v2` reads every generated filter as the same tree.

use proptest::prelude::*;
use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, PatchPath, ValFilter, ValuePath};
use serde_json::{Value, json};

use super::{AttributePath, ENTERPRISE, Filter, GROUP, Operator, Path, USER};

const WORDS: [&str; 15] =
    ["and", "or", "not", "pr", "true", "false", "null", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt"];

/// A filter of ours as theirs would build it: theirs joins a chain of one operator into one node.
fn flat(filter: Filter) -> Filter {
    let parts = |parts: Vec<Filter>| parts.into_iter().map(flat);
    match filter {
        Filter::And(inner) => Filter::And(
            parts(inner)
                .flat_map(|part| match part {
                    Filter::And(parts) => parts,
                    part => vec![part],
                })
                .collect(),
        ),
        Filter::Or(inner) => Filter::Or(
            parts(inner)
                .flat_map(|part| match part {
                    Filter::Or(parts) => parts,
                    part => vec![part],
                })
                .collect(),
        ),
        Filter::Not(inner) => Filter::Not(Box::new(flat(*inner))),
        Filter::Values(path, inner) => Filter::Values(path, Box::new(flat(*inner))),
        leaf @ (Filter::Present(_) | Filter::Compare(..)) => leaf,
    }
}

fn from_theirs(filter: scim_v2::filter::Filter) -> Filter {
    use scim_v2::filter::Filter as Theirs;
    match filter {
        Theirs::Attr(expression) => from_expression(expression),
        Theirs::ValuePath(ValuePath { attr, filter }) => {
            Filter::Values(from_path(attr), Box::new(from_value_filter(*filter)))
        }
        Theirs::Not(inner) => Filter::Not(Box::new(from_theirs(*inner))),
        Theirs::And(parts) => Filter::And(parts.into_iter().map(from_theirs).collect()),
        Theirs::Or(parts) => Filter::Or(parts.into_iter().map(from_theirs).collect()),
    }
}

fn from_value_filter(filter: ValFilter) -> Filter {
    match filter {
        ValFilter::Attr(expression) => from_expression(expression),
        ValFilter::Not(inner) => Filter::Not(Box::new(from_value_filter(*inner))),
        ValFilter::And(parts) => Filter::And(parts.into_iter().map(from_value_filter).collect()),
        ValFilter::Or(parts) => Filter::Or(parts.into_iter().map(from_value_filter).collect()),
    }
}

fn from_expression(expression: AttrExp) -> Filter {
    match expression {
        AttrExp::Present(path) => Filter::Present(from_path(path)),
        AttrExp::Comparison(path, operator, value) => {
            let operator = match operator {
                CompareOp::Eq => Operator::Equal,
                CompareOp::Ne => Operator::NotEqual,
                CompareOp::Co => Operator::Contains,
                CompareOp::Sw => Operator::StartsWith,
                CompareOp::Ew => Operator::EndsWith,
                CompareOp::Gt => Operator::Greater,
                CompareOp::Ge => Operator::GreaterOrEqual,
                CompareOp::Lt => Operator::Less,
                CompareOp::Le => Operator::LessOrEqual,
            };
            let value = match value {
                CompValue::True => json!(true),
                CompValue::False => json!(false),
                CompValue::Null => Value::Null,
                CompValue::Number(number) => Value::Number(number),
                CompValue::Str(text) => Value::String(text),
            };
            Filter::Compare(from_path(path), operator, value)
        }
    }
}

fn from_path(AttrPath { uri, name, sub_attr }: AttrPath) -> AttributePath {
    AttributePath { urn: uri, name, sub: sub_attr }
}

fn from_patch_path(path: PatchPath) -> Path {
    match path {
        PatchPath::Attr(attribute) => Path { attribute: from_path(attribute), values: None, sub: None },
        PatchPath::Value(path) => {
            Path { attribute: from_path(path.attr), values: Some(from_value_filter(path.filter)), sub: path.sub_attr }
        }
    }
}

fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec!["userName", "emails", "notes", "order", "android", "prefix", "members"]);
    let any = "[a-zA-Z][a-zA-Z0-9_-]{0,8}".prop_filter("a word of the grammar", |name| {
        !WORDS.iter().chain(&["le"]).any(|word| word.eq_ignore_ascii_case(name))
    });
    prop_oneof![known.prop_map(str::to_owned), any]
}

fn attribute() -> impl Strategy<Value = String> {
    let urn = prop::option::of(prop::sample::select(vec![USER, GROUP, ENTERPRISE]));
    (urn, name(), prop::option::of(name())).prop_map(|(urn, name, sub)| {
        let urn = urn.map(|urn| format!("{urn}:")).unwrap_or_default();
        let sub = sub.map(|sub| format!(".{sub}")).unwrap_or_default();
        format!("{urn}{name}{sub}")
    })
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>().prop_map(|text| json!(text).to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,5})\\.[0-9]{1,5}([eE][+-]?[0-9])?",
        prop::sample::select(vec!["true", "false", "null"]).prop_map(str::to_owned),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "Co", "sW"]);
    let space = || prop::sample::select(vec![" ", "  "]);
    prop_oneof![
        (attribute(), space(), prop::sample::select(vec!["pr", "PR"]))
            .prop_map(|(path, space, pr)| format!("{path}{space}{pr}")),
        (attribute(), space(), operator, space(), literal())
            .prop_map(|(path, one, operator, other, value)| format!("{path}{one}{operator}{other}{value}")),
    ]
}

/// Filters nested in every way, out of leaves of any kind.
fn nested(leaf: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    let and = || prop::sample::select(vec!["and", "AND", "And"]);
    let or = || prop::sample::select(vec!["or", "OR"]);
    leaf.prop_recursive(5, 24, 3, move |inner| {
        prop_oneof![
            (inner.clone(), and(), inner.clone()).prop_map(|(one, and, other)| format!("{one} {and} {other}")),
            (inner.clone(), or(), inner.clone()).prop_map(|(one, or, other)| format!("{one} {or} {other}")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            (prop::sample::select(vec!["not", "NOT"]), inner).prop_map(|(not, inner)| format!("{not} ({inner})")),
        ]
    })
}

fn values() -> impl Strategy<Value = String> {
    (attribute(), nested(expression())).prop_map(|(path, inner)| format!("{path}[{inner}]"))
}

fn filter() -> impl Strategy<Value = String> {
    nested(prop_oneof![3 => expression(), 1 => values()])
}

proptest! {
    #[test]
    fn every_filter_is_the_same_tree_to_both(text in filter()) {
        let theirs = text.parse::<scim_v2::filter::Filter>().map(from_theirs);
        prop_assert_eq!(Filter::parse(&text).map(flat), Some(theirs.unwrap()));
    }

    #[test]
    fn every_path_is_the_same_tree_to_both(path in prop_oneof![attribute(), values()], sub in prop::option::of(name())) {
        let text = match sub {
            Some(sub) if path.ends_with(']') => format!("{path}.{sub}"),
            _ => path,
        };
        let theirs = from_patch_path(text.parse::<PatchPath>().unwrap());
        let ours = Path::parse(&text).map(|path| Path { values: path.values.map(flat), ..path });
        prop_assert_eq!(ours, Some(theirs));
    }

    /// One letter more, less or another: what both still read they read alike.
    #[test]
    fn a_broken_filter_is_never_two_different_trees(
        text in filter(),
        place in any::<prop::sample::Index>(),
        letter in prop::option::of(prop::sample::select(vec!['(', ')', '[', ']', ' ', '"', '\\', '.', ':', 'a', '1', '-'])),
        is_replaced in any::<bool>(),
    ) {
        let mut letters: Vec<char> = text.chars().collect();
        let place = place.index(letters.len());
        let end = if is_replaced { place + 1 } else { place };
        letters.splice(place..end, letter);
        let text: String = letters.into_iter().collect();
        let theirs = text.parse::<scim_v2::filter::Filter>().ok().map(from_theirs);
        if let (Some(ours), Some(theirs)) = (Filter::parse(&text).map(flat), theirs) {
            prop_assert_eq!(ours, theirs);
        }
    }
}
