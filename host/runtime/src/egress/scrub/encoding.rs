//! The ways in which servers spell a byte when they echo it.
//!
//! Each is read without knowing whether the text is in it: what is no escape stands for itself.

/// The byte that stands at this place in a reading of the text, and the number of bytes it is written in. The layers are
/// encodings, the innermost first: what the last one decodes is read by the one before it. `None` at the end.
pub(super) fn unit(text: &[u8], at: usize, layers: &[Encoding]) -> Option<(u8, usize)> {
    let Some((layer, outer)) = layers.split_first() else {
        return text.get(at).map(|byte| (*byte, 1));
    };
    let (byte, length) = unit(text, at, outer)?;
    if byte != layer.mark() {
        return Some((byte, length));
    }
    let mut rest = [0; LONGEST];
    let mut ends = [0; LONGEST];
    let mut end = at + length;
    let mut ahead = 0;
    for (byte, place) in rest.iter_mut().zip(&mut ends).take(layer.longest()) {
        let Some((next, length)) = unit(text, end, outer) else { break };
        end += length;
        (*byte, *place) = (next, end);
        ahead += 1;
    }
    let escape = rest.get(..ahead).and_then(|rest| layer.escape(rest));
    let meant = escape.and_then(|(meant, length)| Some((meant, ends.get(length.checked_sub(1)?)? - at)));
    Some(meant.unwrap_or((byte, length)))
}

/// A way to escape bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// `%2F` (RFC 3986 section 2.1).
    Percent,
    /// `\/` and `\u002f` (RFC 8259 section 7).
    Json,
    /// `&#47;`, `&#x2f;` and `&sol;` (HTML, section 13.5).
    Html,
}

impl Encoding {
    pub(super) const ALL: [Encoding; 3] = [Encoding::Percent, Encoding::Json, Encoding::Html];

    /// The byte that every escape begins with.
    pub(super) fn mark(self) -> u8 {
        match self {
            Encoding::Percent => b'%',
            Encoding::Json => b'\\',
            Encoding::Html => b'&',
        }
    }

    /// Bytes after a mark that are looked at.
    fn longest(self) -> usize {
        match self {
            Encoding::Percent => 2,
            Encoding::Json => 5,
            Encoding::Html => LONGEST,
        }
    }

    /// The byte that is meant, and the number of bytes after the mark that say so.
    fn escape(self, rest: &[u8]) -> Option<(u8, usize)> {
        match (self, rest) {
            (Encoding::Percent, [high, low, ..]) => Some((byte(&[*high, *low], 16)?, 2)),
            (Encoding::Json, [b'u', b'0', b'0', high, low, ..]) => Some((byte(&[*high, *low], 16)?, 5)),
            (Encoding::Json, [byte @ (b'/' | b'\\' | b'"'), ..]) => Some((*byte, 1)),
            (Encoding::Html, [b'#', b'x' | b'X', digits @ ..]) => {
                number(digits, 16).map(|(byte, length)| (byte, length + 2))
            }
            (Encoding::Html, [b'#', digits @ ..]) => number(digits, 10).map(|(byte, length)| (byte, length + 1)),
            (Encoding::Html, _) => name(rest),
            _ => None,
        }
    }
}

/// A number with the semicolon behind it, which browsers do without.
fn number(text: &[u8], radix: u32) -> Option<(u8, usize)> {
    let length = text.iter().take_while(|digit| char::from(**digit).is_digit(radix)).count();
    let (digits, rest) = text.split_at_checked(length)?;
    Some((byte(digits, radix)?, length + usize::from(rest.first() == Some(&b';'))))
}

fn byte(digits: &[u8], radix: u32) -> Option<u8> {
    // `from_str_radix` alone would take a sign.
    let is_number = !digits.is_empty() && digits.iter().all(|digit| char::from(*digit).is_digit(radix));
    u8::from_str_radix(str::from_utf8(digits).ok().filter(|_| is_number)?, radix).ok()
}

/// A name with the semicolon behind it, which browsers do without after the oldest names.
fn name(text: &[u8]) -> Option<(u8, usize)> {
    let length = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (name, rest) = text.split_at_checked(length)?;
    if let (Some((_, byte)), [b';', ..]) = (NAMES.iter().find(|(known, _)| known.as_bytes() == name), rest) {
        return Some((*byte, length + 1));
    }
    let (old, byte) = OLD_NAMES.iter().find(|(old, _)| text.starts_with(old.as_bytes()))?;
    Some((*byte, old.len()))
}

/// The names of visible ASCII characters (<https://html.spec.whatwg.org/entities.json>).
const NAMES: [(&str, u8); 43] = [
    ("AMP", b'&'),
    ("DiacriticalGrave", b'`'),
    ("GT", b'>'),
    ("Hat", b'^'),
    ("LT", b'<'),
    ("QUOT", b'"'),
    ("UnderBar", b'_'),
    ("VerticalLine", b'|'),
    ("amp", b'&'),
    ("apos", b'\''),
    ("ast", b'*'),
    ("bsol", b'\\'),
    ("colon", b':'),
    ("comma", b','),
    ("commat", b'@'),
    ("dollar", b'$'),
    ("equals", b'='),
    ("excl", b'!'),
    ("grave", b'`'),
    ("gt", b'>'),
    ("lbrace", b'{'),
    ("lbrack", b'['),
    ("lcub", b'{'),
    ("lowbar", b'_'),
    ("lpar", b'('),
    ("lsqb", b'['),
    ("lt", b'<'),
    ("midast", b'*'),
    ("num", b'#'),
    ("percnt", b'%'),
    ("period", b'.'),
    ("plus", b'+'),
    ("quest", b'?'),
    ("quot", b'"'),
    ("rbrace", b'}'),
    ("rbrack", b']'),
    ("rcub", b'}'),
    ("rpar", b')'),
    ("rsqb", b']'),
    ("semi", b';'),
    ("sol", b'/'),
    ("verbar", b'|'),
    ("vert", b'|'),
];

const OLD_NAMES: [(&str, u8); 8] = [
    ("AMP", b'&'),
    ("GT", b'>'),
    ("LT", b'<'),
    ("QUOT", b'"'),
    ("amp", b'&'),
    ("gt", b'>'),
    ("lt", b'<'),
    ("quot", b'"'),
];

/// A name of 16 letters and its semicolon, or a number with many zeros before it.
const LONGEST: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    /// All units of a text, one after the other.
    fn units(layers: &[Encoding], text: &[u8]) -> Vec<(u8, usize)> {
        let mut at = 0;
        std::iter::from_fn(|| {
            let found = unit(text, at, layers)?;
            at += found.1;
            Some(found)
        })
        .collect()
    }

    fn read(encoding: Encoding, text: &str) -> String {
        units(&[encoding], text.as_bytes()).into_iter().map(|(byte, _)| char::from(byte)).collect()
    }

    #[test]
    fn an_escape_is_the_byte_that_it_stands_for() {
        assert_eq!(read(Encoding::Percent, "%2F%2f%41%25"), "//A%");
        assert_eq!(read(Encoding::Json, r#"\/\\\"\u002f\u002F"#), "/\\\"//");
        assert_eq!(read(Encoding::Html, "&#47;&#x2f;&#X2F;&#0047&#x02f&sol;&DiacriticalGrave;"), "//////`");
        assert_eq!(read(Encoding::Html, "&amp;amp;&ampx&QUOT;&quot&lt;"), "&amp;&x\"\"<");
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        assert_eq!(read(Encoding::Percent, "100% %2 %zz %+1"), "100% %2 %zz %+1");
        assert_eq!(read(Encoding::Json, r"a\n \u0 \u012f \"), r"a\n \u0 \u012f \");
        assert_eq!(read(Encoding::Html, "a&b &; &#; &#x; &#300; &sol &#+47;"), "a&b &; &#; &#x; &#300; &sol &#+47;");
    }

    #[test]
    fn a_byte_knows_all_the_text_that_it_is_written_in() {
        let units = units(&[Encoding::Html, Encoding::Json], br"a\u0026#47;b");
        assert_eq!(units, [(b'a', 1), (b'/', 10), (b'b', 1)]);
    }
}
