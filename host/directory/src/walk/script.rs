//! A directory whose lists follow a script, for tests of the walk.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    /// How often a page gives way to others before it comes, over and over.
    pauses: Vec<usize>,
    begun: AtomicUsize,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

/// Counts itself as long as it is there.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A cursor of a list that can be jumped through: where the page starts, what the first page brought, and the total.
pub(super) fn jumping_cursor(start: usize, step: usize, total: Option<u32>) -> String {
    format!("{start}/{step}/{}", total.map_or_else(String::new, |total| total.to_string()))
}

/// The parts of such a cursor.
pub(super) fn parts(cursor: &str) -> Option<(usize, usize, Option<u32>)> {
    let mut parts = cursor.split('/');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()))
}

impl<F: FnMut(Option<&str>) -> Result<Sheet, Error> + Send> Scripted<F> {
    /// The script is given the cursor.
    pub(super) fn new(script: F) -> Self {
        Self {
            script: Mutex::new(script),
            asked: Mutex::default(),
            pauses: vec![0],
            begun: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
        }
    }

    /// The same, where pages give way to others so often before they come.
    pub(super) fn pausing(mut self, pauses: Vec<usize>) -> Self {
        self.pauses = pauses;
        self
    }

    /// Pages that were asked for and have not come.
    pub(super) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// The most that there ever were of them.
    pub(super) fn most_under_way(&self) -> usize {
        self.most_under_way.load(Ordering::Relaxed)
    }

    /// Every list that was asked for, with what is behind the colon for members, and the query.
    pub(super) fn asked(&self) -> Vec<(String, PageQuery)> {
        self.asked.lock().unwrap().clone()
    }

    async fn page<T>(&self, list: String, query: PageQuery, row: fn(String) -> T) -> Result<Page<T>, Error> {
        let under_way = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        let _under_way = UnderWay(&self.under_way);
        self.most_under_way.fetch_max(under_way, Ordering::Relaxed);
        let place = self.begun.fetch_add(1, Ordering::Relaxed) % self.pauses.len();
        for _ in 0..self.pauses[place] {
            tokio::task::yield_now().await;
        }
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
        self.page("users".to_owned(), query, |id| User { id, ..User::default() }).await
    }

    async fn list_groups(&self, query: PageQuery) -> Result<Page<Group>, Error> {
        self.page("groups".to_owned(), query, |id| Group { id, ..Group::default() }).await
    }

    async fn list_members(&self, group_id: &str, query: PageQuery) -> Result<Page<Member>, Error> {
        self.page(format!("members:{group_id}"), query, |id| Member { id, ..Member::default() }).await
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

    /// As the contract has it: empty where the cursor cannot be jumped from.
    async fn page_cursors(&self, next_cursor: &str, at_most: u32) -> Result<Vec<String>, Error> {
        let Some((start, step, Some(total))) = parts(next_cursor).filter(|(_, step, _)| *step > 0) else {
            return Ok(Vec::new());
        };
        let ahead = (0..).map(|place| start + place * step);
        let ahead = ahead.take_while(|place| *place == start || *place < total as usize);
        Ok(ahead.take(at_most as usize).map(|start| jumping_cursor(start, step, Some(total))).collect())
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
