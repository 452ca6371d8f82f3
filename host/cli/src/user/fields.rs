//! The flags that set fields of a user, named after the unified fields.

use std::path::PathBuf;

use clap::Args;

use crate::change::{Assignment, Changes, assignment};
use crate::failure::Failure;
use crate::input;

/// Fields of a user, as they are to be.
#[derive(Debug, Default, Args)]
pub(crate) struct UserFields {
    /// The name that the user signs in with
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    username: Option<String>,
    /// The id that an identity provider gave the user
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    external_id: Option<String>,
    /// The name to show
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    name: Option<String>,
    /// Given name
    #[arg(long, value_name = "TEXT", visible_alias = "given-name", help_heading = "Fields")]
    first_name: Option<String>,
    /// Family name
    #[arg(long, value_name = "TEXT", visible_alias = "family-name", help_heading = "Fields")]
    last_name: Option<String>,
    /// The name that the user goes by
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    nick_name: Option<String>,
    /// Job title
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    title: Option<String>,
    /// The kind of user
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    user_type: Option<String>,
    /// An e-mail address; can be repeated. They are then all that the user has
    #[arg(long = "email", value_name = "ADDRESS", help_heading = "Fields")]
    emails: Vec<String>,
    /// Department
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    department: Option<String>,
    /// Cost centre
    #[arg(long, value_name = "TEXT", visible_alias = "cost-centre", help_heading = "Fields")]
    cost_center: Option<String>,
    /// Division
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    division: Option<String>,
    /// Organization
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    organization: Option<String>,
    /// Any field that `describe` calls writable, such as `title=Analyst` or `custom.badge=7`; can be repeated, also for
    /// the entries of a list
    #[arg(long, value_name = "FIELD=VALUE", value_parser = assignment, help_heading = "Fields")]
    set: Vec<Assignment>,
    /// The file with fields of one user in JSON, as `get --output json` prints it; `-` reads standard input
    #[arg(long, short, value_name = "FILE", help_heading = "Fields")]
    file: Option<PathBuf>,
}

impl UserFields {
    /// Adds what is asked for to the changes.
    pub(crate) fn gather(&self, changes: &mut Changes<'_>, is_new: bool) -> anyhow::Result<()> {
        if let Some(file) = &self.file {
            changes.read(&input::text(file, "the user", "--file")?, is_new)?;
        }
        let texts = [
            ("username", &self.username),
            ("external_id", &self.external_id),
            ("name", &self.name),
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("nick_name", &self.nick_name),
            ("title", &self.title),
            ("user_type", &self.user_type),
            ("department", &self.department),
            ("cost_center", &self.cost_center),
            ("division", &self.division),
            ("organization", &self.organization),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                changes.set(name, &[text])?;
            }
        }
        if !self.emails.is_empty() {
            changes.set("emails", &self.emails.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        Ok::<(), Failure>(changes.assign(&self.set)?)?;
        Ok(())
    }
}
