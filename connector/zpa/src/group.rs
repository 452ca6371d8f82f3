//! SCIM group to unified group.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::field::{self, Value};
use crate::layout::Layout;
use crate::row::Row;
use crate::unified::{Field, Unified};
use crate::wit;

/// The unified group of a row, or why there is none.
pub fn from_scim(row: Row<'_>, layout: &Layout, remote_data: Option<String>) -> Result<wit::Group, String> {
    let mut group = wit::Group {
        id: String::new(),
        external_id: None,
        name: None,
        description: None,
        group_type: None,
        created_at: None,
        updated_at: None,
        extras: Vec::new(),
        remote_data,
    };
    let mut extras = Vec::new();
    for field in &layout.fields {
        let Some(value) = field::read(field, &row, &mut extras) else {
            continue;
        };
        match (&field.field, value) {
            (Field::Unified(field), Value::Text(text)) => assign(&mut group, *field, text),
            // The table gives only texts to the fields of the contract.
            (Field::Unified(_), _) => {}
            (custom @ Field::Custom(_), value) => group.extras.push((custom.to_string(), value.json())),
        }
    }
    if group.id.is_empty() {
        return Err("it has no `id`".to_owned());
    }
    group.extras.append(&mut extras);
    field::rest(row, layout, &mut group.extras);
    Ok(group)
}

fn assign(group: &mut wit::Group, field: Unified, text: String) {
    let place = match field {
        Unified::Id => {
            group.id = text;
            return;
        }
        Unified::ExternalId => &mut group.external_id,
        Unified::Name => &mut group.name,
        Unified::Description => &mut group.description,
        Unified::GroupType => &mut group.group_type,
        Unified::CreatedAt => &mut group.created_at,
        Unified::UpdatedAt => &mut group.updated_at,
        // A group has no other field.
        _ => return,
    };
    *place = Some(text);
}
