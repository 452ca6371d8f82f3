//! `update-user`, `update-group` and `set-user-active`: one PATCH.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec;

use crate::account::{Account, segment};
use crate::change::{self, Edit};
use crate::create::write;
use crate::error::{Error, LONGEST_MESSAGE, after_write, invalid_input, line, protocol, unsupported};
use crate::field::Value;
use crate::get::{expect_id, no_record, read};
use crate::http::Send;
use crate::layout::Layout;
use crate::mapping::Resource;
use crate::record::Record;
use crate::unified::Unified;
use crate::verification::{self, Wanted};
use crate::wit;
use crate::{patch, status};

/// Applies these changes to a record. Requests: none for no changes, otherwise 1, and 1 more with `verify`.
pub fn update(
    account: &Account,
    resource: Resource,
    id: &str,
    changes: &[wit::Change],
    options: wit::WriteOptions,
    send: &mut Send<'_>,
) -> Result<Option<Record>, Error> {
    let mapping = account.settings.mapping(resource);
    let edits = change::parse(&mapping, changes)?;
    let renames = edits.iter().any(|edit| edit.row.field.is(Unified::Username));
    if renames && !options.contains(wit::WriteOptions::ALLOW_RENAME) {
        let message = "a change of `username` needs `allow-rename`: the vendor deletes what it keeps under the old name \
                       and cuts the user off until the next sign-in";
        return Err(invalid_input(Unified::Username.name(), message));
    }
    segment("id", id)?;
    if edits.is_empty() {
        return Ok(None);
    }
    apply(account, id, &Wanted { layout: &Layout::new(&mapping), edits: &edits }, options, send)
}

/// Switches a user on or off, by a boolean (zpa-scim 3.4). Requests: 1, and 1 more with `verify`.
pub fn set_active(
    account: &Account,
    id: &str,
    active: bool,
    options: wit::WriteOptions,
    send: &mut Send<'_>,
) -> Result<Option<Record>, Error> {
    let mapping = account.settings.mapping(Resource::User);
    let word = if active { "active" } else { "inactive" };
    let status = mapping.row(Unified::Status).and_then(|row| Some((row, row.write.as_ref()?)));
    let Some((row, path)) = status else {
        return Err(unsupported("no-status", "the account's mapping gives `status` no path to write"));
    };
    let edits = vec![Edit { row, path, value: Some(Value::Text(word.to_owned())) }];
    let wanted = Wanted { layout: &Layout::new(&mapping), edits: &edits };
    apply(account, id, &wanted, options, send).map_err(|mut err| {
        // Switching off may have deleted the user: the vendor's pages disagree (zpa-scim 10).
        if active && err.kind == wit::ErrorKind::NotFound {
            let advice = "; if switching off deleted the user, create it anew";
            err.message = line(&err.message, LONGEST_MESSAGE - advice.len()) + advice;
        }
        err
    })
}

fn apply(
    account: &Account,
    id: &str,
    wanted: &Wanted<'_>,
    options: wit::WriteOptions,
    send: &mut Send<'_>,
) -> Result<Option<Record>, Error> {
    let path = format!("{}/{}", wanted.layout.resource.collection(), segment("id", id)?);
    let body = patch::body(wanted.edits, account.settings.quirks.email_replacement);
    let response = status::success("PATCH", send(&write(account, "PATCH", &path, body)));
    let response = response.map_err(|err| no_record(wanted.layout.resource, id, err))?;
    if options.contains(wit::WriteOptions::VERIFY) {
        let shown = verification::read_back(account, id, wanted, send)?;
        if shown.is_none() && !wanted.switches_off() {
            let message = "the vendor accepted the change, and the record is gone";
            return Err(after_write(protocol(message)));
        }
        return Ok(shown);
    }
    // A user is shown, a group is not (zpa-scim 2).
    if response.body.is_empty() {
        return Ok(None);
    }
    let record = read(&response, wanted.layout, wit::ReadOptions::empty()).map_err(after_write)?;
    expect_id(record.id(), id).map_err(after_write)?;
    wanted.check_emails(&response).map_err(after_write)?;
    Ok(Some(record))
}
