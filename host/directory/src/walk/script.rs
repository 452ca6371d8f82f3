//! A directory whose lists follow a script, for tests of the walk.

use std::sync::Mutex;

use crate::{
    Change, Description, Directory, Error, ErrorKind, Group, GroupKey, Member, MembershipResult, Page, PageQuery,
    ReadOptions, Reply, Unreadable, User, UserKey, VendorRequest, WriteOptions,
};

/// A page of ids: what the script says in place of users, groups and members.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub(super) ids: Vec<String>,
    pub(super) unreadable: Vec<Option<String>>,
    pub(super) next: Option<String>,
    pub(super) total: Option<u32>,
}

/// A directory that answers what its script says, and remembers what it was asked.
pub(super) struct Scripted<F> {
    script: Mutex<F>,
    asked: Mutex<Vec<(String, PageQuery)>>,
}

impl<F: FnMut(Option<&str>) -> Result<Sheet, Error> + Send> Scripted<F> {
    /// The script is given the cursor.
    pub(super) fn new(script: F) -> Self {
        Self { script: Mutex::new(script), asked: Mutex::default() }
    }

    /// Every list that was asked for, with what is behind the colon for members, and the query.
    pub(super) fn asked(&self) -> Vec<(String, PageQuery)> {
        self.asked.lock().unwrap().clone()
    }

    fn page<T>(&self, list: String, query: PageQuery, row: impl Fn(String) -> T) -> Result<Page<T>, Error> {
        let sheet = (self.script.lock().unwrap())(query.cursor.as_deref());
        self.asked.lock().unwrap().push((list, query));
        let sheet = sheet?;
        let unreadable =
            sheet.unreadable.into_iter().map(|id| Unreadable { id, position: 0, reason: "scripted".to_owned() });
        Ok(Page {
            items: sheet.ids.into_iter().map(row).collect(),
            unreadable: unreadable.collect(),
            next_cursor: sheet.next,
            prev_cursor: None,
            total: sheet.total,
        })
    }
}

impl<F: FnMut(Option<&str>) -> Result<Sheet, Error> + Send> Directory for Scripted<F> {
    async fn list_users(&self, query: PageQuery) -> Result<Page<User>, Error> {
        self.page("users".to_owned(), query, |id| User { id, ..User::default() })
    }

    async fn list_groups(&self, query: PageQuery) -> Result<Page<Group>, Error> {
        self.page("groups".to_owned(), query, |id| Group { id, ..Group::default() })
    }

    async fn list_members(&self, group_id: &str, query: PageQuery) -> Result<Page<Member>, Error> {
        self.page(format!("members:{group_id}"), query, |id| Member { id, ..Member::default() })
    }

    async fn get_user(&self, _: &str, _: ReadOptions) -> Result<User, Error> {
        Err(unscripted())
    }

    async fn find_user(&self, _: &UserKey, _: ReadOptions) -> Result<Vec<User>, Error> {
        Err(unscripted())
    }

    async fn create_user(&self, _: &[Change], _: WriteOptions) -> Result<User, Error> {
        Err(unscripted())
    }

    async fn update_user(&self, _: &str, _: &[Change], _: WriteOptions) -> Result<Option<User>, Error> {
        Err(unscripted())
    }

    async fn set_user_active(&self, _: &str, _: bool, _: WriteOptions) -> Result<Option<User>, Error> {
        Err(unscripted())
    }

    async fn delete_user(&self, _: &str, _: WriteOptions) -> Result<(), Error> {
        Err(unscripted())
    }

    async fn get_group(&self, _: &str, _: ReadOptions) -> Result<Group, Error> {
        Err(unscripted())
    }

    async fn find_group(&self, _: &GroupKey, _: ReadOptions) -> Result<Vec<Group>, Error> {
        Err(unscripted())
    }

    async fn create_group(&self, _: &[Change], _: WriteOptions) -> Result<Group, Error> {
        Err(unscripted())
    }

    async fn update_group(&self, _: &str, _: &[Change], _: WriteOptions) -> Result<Option<Group>, Error> {
        Err(unscripted())
    }

    async fn delete_group(&self, _: &str, _: WriteOptions) -> Result<(), Error> {
        Err(unscripted())
    }

    async fn add_members(&self, _: &str, _: &[String], _: WriteOptions) -> Result<MembershipResult, Error> {
        Err(unscripted())
    }

    async fn remove_members(&self, _: &str, _: &[String], _: WriteOptions) -> Result<MembershipResult, Error> {
        Err(unscripted())
    }

    async fn page_cursors(&self, _: &str, _: u32) -> Result<Vec<String>, Error> {
        Err(unscripted())
    }

    async fn request(&self, _: VendorRequest) -> Result<Reply, Error> {
        Err(unscripted())
    }

    async fn describe(&self) -> Result<Description, Error> {
        Err(unscripted())
    }
}

fn unscripted() -> Error {
    Error::new(ErrorKind::Unsupported, "the script has lists only")
}
