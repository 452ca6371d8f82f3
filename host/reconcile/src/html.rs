//! Documents for people as one HTML file each: nothing is fetched, nothing runs, and every text is escaped.
//!
//! Whoever makes a document fills a [`Body`] piece by piece and puts it into a [`Page`]. No markup is accepted from
//! outside this module, so that a name of the vendor's cannot become one.

mod chart;
mod escape;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

pub use escape::escape;

/// A whole document.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// What it is, such as `Access report`.
    pub title: &'a str,
    /// Who it is for and how to read it, in a sentence or two, for somebody who has never seen one.
    pub lead: &'a str,
    /// What it was made from: names and values, digests among them. They stand under the title and on every print.
    pub facts: &'a [(&'a str, String)],
    /// What it says.
    pub body: Body,
}

impl Page<'_> {
    /// The file.
    ///
    /// Its policy lets the page load nothing at all and use no style but its own, which is named by its digest
    /// (Content Security Policy Level 3, section 6.7.3.3): were there a hole in the escaping, nothing would run.
    pub fn render(&self) -> String {
        let digest = STANDARD.encode(Sha256::digest(STYLE));
        let (title, lead) = (escape(self.title), escape(self.lead));
        let mut facts = Body::new();
        for (name, value) in self.facts {
            facts.push(&["<div><dt>", &escape(name), "</dt><dd>", &escape(value), "</dd></div>\n"]);
        }
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'; \
             base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
             <body>\n<header>\n<h1>{title}</h1>\n<p class=\"lead\">{lead}</p>\n<dl class=\"facts\">\n{facts}</dl>\n\
             </header>\n<main>\n{body}</main>\n</body>\n</html>\n",
            facts = facts.0,
            body = self.body.0,
        )
    }
}

/// How a number or a row is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Somebody should look.
    Notice,
    /// Somebody should act.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Good => "good",
            Tone::Notice => "notice",
            Tone::Bad => "bad",
        }
    }
}

/// A number that stands out.
#[derive(Clone, Debug)]
pub struct Card<'a> {
    /// The number.
    pub value: String,
    /// What is counted.
    pub label: &'a str,
    /// What it means, in half a sentence; may be empty.
    pub note: &'a str,
    /// How it is to be taken.
    pub tone: Tone,
}

/// A part of a whole, or a bar among others.
#[derive(Clone, Debug)]
pub struct Bar<'a> {
    /// What it is.
    pub label: &'a str,
    /// How much of it there is.
    pub value: u64,
    /// How it is to be taken.
    pub tone: Tone,
}

/// What a document says, piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Body(String);

impl Body {
    /// Nothing yet.
    pub fn new() -> Body {
        Body::default()
    }

    /// The heading of a section.
    pub fn heading(&mut self, text: &str) {
        self.push(&["<h2>", &escape(text), "</h2>\n"]);
    }

    /// The heading of a part of a section, with something smaller beside it that may be empty.
    pub fn subheading(&mut self, text: &str, note: &str) {
        self.push(&["<h3>", &escape(text)]);
        if !note.is_empty() {
            self.push(&[" <small>", &escape(note), "</small>"]);
        }
        self.push(&["</h3>\n"]);
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.push(&["<p>", &escape(text), "</p>\n"]);
    }

    /// A paragraph that nobody must overlook.
    pub fn notice(&mut self, tone: Tone, text: &str) {
        self.push(&["<p class=\"box ", tone.class(), "\">", &escape(text), "</p>\n"]);
    }

    /// Words and what they mean.
    pub fn definitions<'a>(&mut self, terms: impl IntoIterator<Item = (&'a str, &'a str)>) {
        self.push(&["<dl class=\"terms\">\n"]);
        for (term, meaning) in terms {
            self.push(&["<dt>", &escape(term), "</dt><dd>", &escape(meaning), "</dd>\n"]);
        }
        self.push(&["</dl>\n"]);
    }

    /// Numbers that stand out, beside each other.
    pub fn cards(&mut self, cards: &[Card<'_>]) {
        self.push(&["<div class=\"cards\">\n"]);
        for Card { value, label, note, tone } in cards {
            let (value, label, note) = (escape(value), escape(label), escape(note));
            self.push(&["<div class=\"card ", tone.class(), "\"><b>", &value, "</b><span>", &label, "</span>"]);
            self.push(&["<small>", &note, "</small></div>\n"]);
        }
        self.push(&["</div>\n"]);
    }

    /// The parts of a whole, as one bar with a legend.
    pub fn parts(&mut self, caption: &str, parts: &[Bar<'_>]) {
        self.push(&[&chart::parts(caption, parts)]);
    }

    /// Numbers as bars under each other, the longest of them as wide as there is room.
    pub fn bars(&mut self, caption: &str, bars: &[Bar<'_>]) {
        self.push(&[&chart::bars(caption, bars)]);
    }

    /// Texts in a row, such as the members of a group.
    pub fn names<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        self.push(&["<ul class=\"names\">\n"]);
        for name in names {
            self.push(&["<li>", &escape(name), "</li>\n"]);
        }
        self.push(&["</ul>\n"]);
    }

    /// A table. The header is repeated on every page of a print.
    pub fn table<R, C>(&mut self, columns: &[&str], rows: R)
    where
        R: IntoIterator<Item = C>,
        C: IntoIterator<Item: AsRef<str>>,
    {
        self.push(&["<table>\n<thead><tr>"]);
        for column in columns {
            self.push(&["<th scope=\"col\">", &escape(column), "</th>"]);
        }
        self.push(&["</tr></thead>\n<tbody>\n"]);
        for row in rows {
            self.push(&["<tr>"]);
            for cell in row {
                self.push(&["<td>", &escape(cell.as_ref()), "</td>"]);
            }
            self.push(&["</tr>\n"]);
        }
        self.push(&["</tbody>\n</table>\n"]);
    }

    fn push(&mut self, pieces: &[&str]) {
        self.0.extend(pieces.iter().copied());
    }
}

const STYLE: &str = include_str!("html/style.css");

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn page(body: Body) -> String {
        Page { title: "A <title>", lead: "Who & how", facts: &[("digest", "sha256:\"1\"".to_owned())], body }.render()
    }

    #[test]
    fn a_page_is_one_file_that_loads_nothing() {
        let rendered = page(Body::new());
        let (head, body) = rendered.split_once("<style>").unwrap();
        let (style, body) = body.split_once("</style>").unwrap();
        assert_eq!(style, STYLE);
        assert!(!style.contains("url(") && !style.contains("@import"));
        let digest = STANDARD.encode(Sha256::digest(style));
        let head = head.replace(&digest, "DIGEST");
        expect![[r#"
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-DIGEST'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>A &lt;title&gt;</title>
        "#]].assert_eq(&head);
        expect![[r#"

            </head>
            <body>
            <header>
            <h1>A &lt;title&gt;</h1>
            <p class="lead">Who &amp; how</p>
            <dl class="facts">
            <div><dt>digest</dt><dd>sha256:&quot;1&quot;</dd></div>
            </dl>
            </header>
            <main>
            </main>
            </body>
            </html>
        "#]]
        .assert_eq(body);
    }

    #[test]
    fn no_text_becomes_markup_wherever_it_stands() {
        let hostile = "</style></td><script>alert(1)</script><img src=x onerror=\"alert('1')\">&amp;";
        let mut body = Body::new();
        body.heading(hostile);
        body.subheading(hostile, hostile);
        body.paragraph(hostile);
        body.notice(Tone::Bad, hostile);
        body.definitions([(hostile, hostile)]);
        body.cards(&[Card { value: hostile.to_owned(), label: hostile, note: hostile, tone: Tone::Good }]);
        let bars = [Bar { label: hostile, value: 3, tone: Tone::Notice }];
        body.parts(hostile, &bars);
        body.bars(hostile, &bars);
        body.names([hostile]);
        body.table(&[hostile], [[hostile]]);
        let facts = [(hostile, hostile.to_owned())];
        let rendered = Page { title: hostile, lead: hostile, facts: &facts, body }.render();
        for markup in ["<script", "<img", "'1'", "\"alert"] {
            assert!(!rendered.contains(markup), "{markup}");
        }
        // The style's own end and no other.
        assert_eq!(rendered.matches("</style>").count(), 1);
        assert_eq!(rendered.matches("&lt;script&gt;").count(), 23);
    }

    #[test]
    fn a_table_has_a_head_and_rows() {
        let mut body = Body::new();
        body.table(&["a", "b"], [["1", "2"], ["3", "4"]]);
        expect![[r#"
            <table>
            <thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>
            <tbody>
            <tr><td>1</td><td>2</td></tr>
            <tr><td>3</td><td>4</td></tr>
            </tbody>
            </table>
        "#]]
        .assert_eq(&body.0);
    }
}
