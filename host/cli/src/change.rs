//! What a write is to set and clear, from flags, from `--set` and `--clear`, and from a file; typed by what the
//! connector says of its fields. Whether the vendor takes a value is not decided here.

mod document;
mod form;

use portcullis_directory::Change;

pub(crate) use form::Form;

use crate::failure::Failure;

/// Changes as they are gathered; no field twice.
#[derive(Debug)]
pub(crate) struct Changes<'a> {
    form: Form<'a>,
    changes: Vec<Change>,
}

impl<'a> Changes<'a> {
    /// None yet.
    pub(crate) fn new(form: Form<'a>) -> Changes<'a> {
        Changes { form, changes: Vec::new() }
    }

    /// Sets a field to text as it is typed: one text, or one for each entry of a list.
    pub(crate) fn set(&mut self, name: &str, texts: &[&str]) -> Result<(), Failure> {
        let value = self.form.typed(name, texts)?;
        self.add(Change { field: self.form.field(name)?.name.clone(), value: Some(value) })
    }

    /// Sets fields to `FIELD=VALUE`; those of a list are repeated.
    pub(crate) fn assign(&mut self, assignments: &[Assignment]) -> Result<(), Failure> {
        for (at, (name, _)) in assignments.iter().enumerate() {
            if assignments.iter().take(at).any(|(earlier, _)| earlier == name) {
                continue;
            }
            let texts = assignments.iter().filter(|(other, _)| other == name).map(|(_, text)| text.as_str());
            self.set(name, &texts.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// Clears a field.
    pub(crate) fn clear(&mut self, name: &str) -> Result<(), Failure> {
        let field = self.form.clearable(name)?;
        self.add(Change { field: field.name.clone(), value: None })
    }

    /// Takes the fields of an object in its unified form. `null` clears where something is changed, and is refused
    /// where something is made.
    pub(crate) fn read(&mut self, document: &str, is_new: bool) -> Result<(), Failure> {
        for change in document::read(document, &self.form, is_new)? {
            self.add(change)?;
        }
        Ok(())
    }

    /// All of them.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    fn add(&mut self, change: Change) -> Result<(), Failure> {
        if self.changes.iter().any(|known| known.field == change.field) {
            let message = format!("the field `{}` is given twice", change.field);
            return Err(Failure::usage(message, "give it once, in the file, by its flag, by `--set` or by `--clear`"));
        }
        self.changes.push(change);
        Ok(())
    }
}

/// A field and its text.
pub(crate) type Assignment = (String, String);

/// `FIELD=VALUE`.
pub(crate) fn assignment(text: &str) -> Result<Assignment, String> {
    let (name, value) = text.split_once('=').ok_or("expected `FIELD=VALUE`")?;
    if name.is_empty() { Err("it names no field".to_owned()) } else { Ok((name.to_owned(), value.to_owned())) }
}

#[cfg(test)]
mod tests {
    use portcullis_directory::{Email, Value};

    use super::form::tests::fields;
    use super::*;

    fn refused(build: impl FnOnce(&mut Changes<'_>) -> Result<(), Failure>) -> String {
        let fields = fields();
        build(&mut Changes::new(Form::new("user", &fields))).unwrap_err().to_string()
    }

    #[test]
    fn entries_of_a_list_are_gathered() {
        let fields = fields();
        let mut changes = Changes::new(Form::new("user", &fields));
        let assignments = ["emails=a@a.example", "title=Boss", "emails=b=c"].map(|text| assignment(text).unwrap());
        changes.assign(&assignments).unwrap();
        let email = |email: &str| Email { email: email.to_owned(), ..Email::default() };
        let expected = [
            ("emails", Value::Emails(vec![email("a@a.example"), email("b=c")])),
            ("title", Value::Text("Boss".to_owned())),
        ];
        let expected = expected.map(|(field, value)| Change { field: field.to_owned(), value: Some(value) });
        assert_eq!(changes.into_changes(), expected);
    }

    #[test]
    fn no_field_is_changed_twice() {
        let twice = refused(|changes| {
            changes.set("title", &["a"])?;
            changes.clear("title")
        });
        assert_eq!(twice, "the field `title` is given twice");
        let assignments = ["title=a", "title=b"].map(|text| assignment(text).unwrap());
        assert_eq!(
            refused(|changes| changes.assign(&assignments)),
            "the field `title` is one text and is given 2 values"
        );
    }

    #[test]
    fn an_assignment_has_a_field() {
        assert_eq!(assignment("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(assignment("=b").is_err() && assignment("a").is_err());
    }
}
