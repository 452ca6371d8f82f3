//! Interned text for values that many rows share: departments, titles, given names.
//! Words are never forgotten: a directory that lives for one test run can afford it.

use std::collections::HashMap;
use std::num::NonZeroU32;

/// A text in the [`Words`] of its directory. An `Option<Word>` is four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(NonZeroU32);

/// Every interned text, once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    texts: Vec<Box<str>>,
    known: HashMap<Box<str>, Word>,
}

impl Words {
    /// `None` beyond four thousand million words, which no machine reaches.
    pub(crate) fn intern(&mut self, text: &str) -> Option<Word> {
        if let Some(&word) = self.known.get(text) {
            return Some(word);
        }
        self.texts.push(text.into());
        let number = u32::try_from(self.texts.len()).ok()?;
        let word = Word(NonZeroU32::new(number)?);
        self.known.insert(text.into(), word);
        Some(word)
    }

    pub(crate) fn text(&self, word: Option<Word>) -> Option<&str> {
        let index = usize::try_from(word?.0.get()).ok()? - 1;
        self.texts.get(index).map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one_word() {
        let mut words = Words::default();
        let legal = words.intern("Legal");
        assert_ne!(words.intern("Finance"), legal);
        assert_eq!(words.intern("Legal"), legal);
        assert_eq!(words.text(legal), Some("Legal"));
        assert_eq!(words.text(None), None);
    }
}
