//! JSON text with a member a line. Members keep their order and values their spelling, which parsing would lose.

/// The text of a JSON value, indented by two spaces a level.
pub(crate) fn indented(json: &str) -> String {
    let (mut pretty, mut level, mut is_string, mut is_escaped) = (String::new(), 0_usize, false, false);
    let mut rest = json.chars().peekable();
    while let Some(character) = rest.next() {
        if is_string {
            pretty.push(character);
            is_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            continue;
        }
        match character {
            '{' | '[' => {
                pretty.push(character);
                while rest.next_if(|next| is_space(*next)).is_some() {}
                if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    pretty.push(end);
                } else {
                    level += 1;
                    start_line(&mut pretty, level);
                }
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                start_line(&mut pretty, level);
                pretty.push(character);
            }
            ',' => {
                pretty.push(',');
                start_line(&mut pretty, level);
            }
            ':' => pretty.push_str(": "),
            space if is_space(space) => {}
            other => {
                is_string = other == '"';
                pretty.push(other);
            }
        }
    }
    pretty
}

fn start_line(pretty: &mut String, level: usize) {
    pretty.push('\n');
    // Deeper than anybody reads, indentation would only take room.
    pretty.extend(std::iter::repeat_n("  ", level.min(64)));
}

/// RFC 8259 section 2.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_values_their_spelling() {
        let json = r#"{"b": 1.10,"a":[ ],"c":[{"d":"x, {\"y\": \\"},1e2 ],"e":{}}"#;
        let pretty = "{\n  \"b\": 1.10,\n  \"a\": [],\n  \"c\": [\n    {\n      \"d\": \"x, {\\\"y\\\": \\\\\"\n    },\n    1e2\n  ],\n  \"e\": {}\n}";
        assert_eq!(indented(json), pretty);
        assert_eq!(indented(pretty), pretty);
        assert_eq!(indented("\"a b\""), "\"a b\"");
        assert!(indented(&format!("{}{}", "[".repeat(1000), "]".repeat(1000))).len() < 300_000);
    }

    #[test]
    fn it_is_what_serde_json_makes_of_the_same() {
        let value = serde_json::json!({"a": [1, "b\"c", null, {"d": []}], "e": {"f": true}});
        assert_eq!(indented(&value.to_string()), serde_json::to_string_pretty(&value).unwrap());
    }
}
