//! Whether a write did what it should: the record is read back and each edit compared. Servers were seen to accept a
//! change and make none (scim-peers 1).

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::account::Account;
use crate::change::Edit;
use crate::error::{Error, after_write, protocol};
use crate::field::{self, Value};
use crate::get::{expect_id, fetch, read};
use crate::http::{Response, Send};
use crate::layout::Layout;
use crate::record::Record;
use crate::row::Row;
use crate::unified::{Kind, Unified};
use crate::wit;

/// What a write was to make.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Where the fields are read.
    pub layout: &'a Layout,
    /// What was to change.
    pub edits: &'a [Edit<'a>],
}

/// The record as the vendor shows it after a write, `None` where there is none. An error has the effect `applied`.
/// Requests: 1.
pub(crate) fn read_back(
    account: &Account,
    id: &str,
    wanted: &Wanted<'_>,
    send: &mut Send<'_>,
) -> Result<Option<Record>, Error> {
    let response = match fetch(account, wanted.layout.resource, "id", id, send) {
        Ok(response) => response,
        Err(err) if err.kind == wit::ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(after_write(err)),
    };
    let shown = read(&response, wanted.layout, wit::ReadOptions::empty()).map_err(after_write)?;
    expect_id(shown.id(), id).map_err(after_write)?;
    wanted.check(&response, None).map_err(after_write)?;
    Ok(Some(shown))
}

impl Wanted<'_> {
    /// Whether the edits switch a user off, after which the vendor may have no record of it (zpa-scim 10).
    pub(crate) fn switches_off(&self) -> bool {
        let is_off = |edit: &Edit<'_>| matches!(&edit.value, Some(Value::Text(word)) if word == "inactive");
        self.edits.iter().any(|edit| edit.row.field.is(Unified::Status) && is_off(edit))
    }

    /// Compares the addresses alone: that they can be replaced is not known of every tenant (zpa-scim 7), and what is
    /// left of the old ones may be a leaver's.
    pub(crate) fn check_emails(&self, response: &Response) -> Result<(), Error> {
        self.check(response, Some(Kind::Emails))
    }

    /// Compares the edits, or those of one type.
    fn check(&self, response: &Response, only: Option<Kind>) -> Result<(), Error> {
        let tape = response.json().map_err(|reason| protocol(&reason))?;
        let row = Row::decode(tape.root(), self.layout).map_err(|reason| protocol(&reason))?;
        for edit in self.edits.iter().filter(|edit| only.is_none_or(|kind| kind == edit.row.kind)) {
            let Some(field) = self.layout.fields.iter().find(|field| field.field == edit.row.field) else { continue };
            let shown = field::read(field, &row, &mut Vec::new());
            let has_case = !edit.row.field.is(Unified::Username);
            if !agree(edit.value.as_ref(), shown.as_ref(), has_case) {
                let field = edit.row.field.to_string();
                let message = format!("the vendor accepted the change of `{field}` and did not make it");
                let mut err = protocol(&message);
                err.field = Some(field);
                return Err(err);
            }
        }
        Ok(())
    }
}

/// Whether the vendor shows what was wanted. The types of addresses are not compared, which it does not show (zpa-scim
/// 3.1), nor their order, nor the case of what people type in any case.
fn agree(wanted: Option<&Value>, shown: Option<&Value>, has_case: bool) -> bool {
    match (wanted, shown) {
        (None, None) => true,
        (Some(Value::Text(wanted)), Some(Value::Text(shown))) if !has_case => wanted.eq_ignore_ascii_case(shown),
        (Some(Value::Emails(wanted)), Some(Value::Emails(shown))) => same_addresses(wanted, shown),
        (Some(wanted), Some(shown)) => wanted.json() == shown.json(),
        _ => false,
    }
}

/// Whether two lists have the same addresses.
fn same_addresses(wanted: &[wit::Email], shown: &[wit::Email]) -> bool {
    let has = |list: &[wit::Email], email: &wit::Email| {
        list.iter().any(|known| known.email.eq_ignore_ascii_case(&email.email))
    };
    wanted.iter().all(|email| has(shown, email)) && shown.iter().all(|email| has(wanted, email))
}
