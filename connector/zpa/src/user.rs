//! SCIM user to unified user.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::field::{self, Value};
use crate::layout::Layout;
use crate::row::Row;
use crate::unified::{Field, Unified};
use crate::wit;

/// The unified user of a row, or why there is none.
pub fn from_scim(row: Row<'_>, layout: &Layout, remote_data: Option<String>) -> Result<wit::User, String> {
    let mut user = wit::User { remote_data, ..empty() };
    let mut extras = Vec::new();
    for field in &layout.fields {
        let Some(value) = field::read(field, &row, &mut extras) else {
            continue;
        };
        match &field.field {
            Field::Unified(field) => assign(&mut user, *field, value),
            custom @ Field::Custom(_) => user.extras.push((custom.to_string(), value.json())),
        }
    }
    if user.id.is_empty() {
        return Err("it has no `id`".to_owned());
    }
    user.extras.append(&mut extras);
    field::rest(row, layout, &mut user.extras);
    Ok(user)
}

fn assign(user: &mut wit::User, field: Unified, value: Value) {
    match (field, value) {
        (Unified::Emails, Value::Emails(emails)) => user.emails = emails,
        (Unified::Groups, Value::References(groups)) => user.groups = groups,
        (Unified::Id, Value::Text(id)) => user.id = id,
        (field, Value::Text(text)) => {
            if let Some(place) = place(user, field) {
                *place = Some(text);
            }
        }
        // The table gives lists to the two fields above alone, and nothing else to fields of the contract.
        _ => {}
    }
}

fn place(user: &mut wit::User, field: Unified) -> Option<&mut Option<String>> {
    Some(match field {
        Unified::ExternalId => &mut user.external_id,
        Unified::Username => &mut user.username,
        Unified::Name => &mut user.name,
        Unified::FirstName => &mut user.first_name,
        Unified::LastName => &mut user.last_name,
        Unified::NickName => &mut user.nick_name,
        Unified::Title => &mut user.title,
        Unified::UserType => &mut user.user_type,
        Unified::Status => &mut user.status,
        Unified::Department => &mut user.department,
        Unified::CostCenter => &mut user.cost_center,
        Unified::Division => &mut user.division,
        Unified::Organization => &mut user.organization,
        Unified::CreatedAt => &mut user.created_at,
        Unified::UpdatedAt => &mut user.updated_at,
        Unified::Id | Unified::Emails | Unified::Groups | Unified::Description | Unified::GroupType => return None,
    })
}

fn empty() -> wit::User {
    wit::User {
        id: String::new(),
        external_id: None,
        username: None,
        name: None,
        first_name: None,
        last_name: None,
        nick_name: None,
        title: None,
        user_type: None,
        status: None,
        emails: Vec::new(),
        groups: Vec::new(),
        department: None,
        cost_center: None,
        division: None,
        organization: None,
        created_at: None,
        updated_at: None,
        extras: Vec::new(),
        remote_data: None,
    }
}
