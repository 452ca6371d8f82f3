//! A process that ends at a given step: before or after a record of the journal, before or after a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis_directory::{
    Change, Description, Directory, Error, Group, GroupKey, Member, MembershipResult, Page, PageQuery, ReadOptions,
    Reply, User, UserKey, VendorRequest, WriteOptions,
};
use portcullis_reconcile::{Begun, Journal, JournalError, Step};
use tokio::sync::Notify;

/// So many steps are left. Behind the last nothing goes on any more.
#[derive(Clone)]
pub(crate) struct Fuse(Arc<(AtomicUsize, Notify)>);

impl Fuse {
    /// Ends at this step, counted from 1.
    pub(crate) fn of(steps: usize) -> Fuse {
        Fuse(Arc::new((AtomicUsize::new(steps), Notify::new())))
    }

    /// Runs what has this fuse in it to its end, or to the step at which it is dropped; `None` then.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.0.1.notified() => None,
        }
    }

    /// The steps that are left.
    pub(crate) fn left(&self) -> usize {
        self.0.0.load(Ordering::SeqCst)
    }

    async fn step(&self) {
        let left = self.0.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(1)));
        if left.unwrap() <= 1 {
            self.0.1.notify_one();
            std::future::pending::<()>().await;
        }
    }

    async fn around<T>(&self, work: impl Future<Output = T> + Send) -> T {
        self.step().await;
        let done = work.await;
        self.step().await;
        done
    }
}

/// A directory whose writes are steps.
pub(crate) struct Fused<D>(pub(crate) D, pub(crate) Fuse);

/// A journal whose records are steps.
pub(crate) struct FusedJournal<J>(pub(crate) J, pub(crate) Fuse);

impl<J: Journal> Journal for FusedJournal<J> {
    async fn begun(&self) -> Result<Begun, JournalError> {
        self.0.begun().await
    }

    async fn intend(&self, numbers: &[u32]) -> Result<(), JournalError> {
        self.1.around(self.0.intend(numbers)).await
    }

    async fn conclude(&self, steps: &[Step]) -> Result<(), JournalError> {
        self.1.around(self.0.conclude(steps)).await
    }
}

impl<D: Directory> Directory for Fused<D> {
    async fn list_users(&self, query: PageQuery) -> Result<Page<User>, Error> {
        self.0.list_users(query).await
    }

    async fn get_user(&self, id: &str, options: ReadOptions) -> Result<User, Error> {
        self.0.get_user(id, options).await
    }

    async fn find_user(&self, key: &UserKey, options: ReadOptions) -> Result<Vec<User>, Error> {
        self.0.find_user(key, options).await
    }

    async fn create_user(&self, changes: &[Change], options: WriteOptions) -> Result<User, Error> {
        self.1.around(self.0.create_user(changes, options)).await
    }

    async fn update_user(&self, id: &str, changes: &[Change], options: WriteOptions) -> Result<Option<User>, Error> {
        self.1.around(self.0.update_user(id, changes, options)).await
    }

    async fn set_user_active(&self, id: &str, active: bool, options: WriteOptions) -> Result<Option<User>, Error> {
        self.1.around(self.0.set_user_active(id, active, options)).await
    }

    async fn delete_user(&self, id: &str, options: WriteOptions) -> Result<(), Error> {
        self.1.around(self.0.delete_user(id, options)).await
    }

    async fn list_groups(&self, query: PageQuery) -> Result<Page<Group>, Error> {
        self.0.list_groups(query).await
    }

    async fn get_group(&self, id: &str, options: ReadOptions) -> Result<Group, Error> {
        self.0.get_group(id, options).await
    }

    async fn find_group(&self, key: &GroupKey, options: ReadOptions) -> Result<Vec<Group>, Error> {
        self.0.find_group(key, options).await
    }

    async fn create_group(&self, changes: &[Change], options: WriteOptions) -> Result<Group, Error> {
        self.1.around(self.0.create_group(changes, options)).await
    }

    async fn update_group(&self, id: &str, changes: &[Change], options: WriteOptions) -> Result<Option<Group>, Error> {
        self.1.around(self.0.update_group(id, changes, options)).await
    }

    async fn delete_group(&self, id: &str, options: WriteOptions) -> Result<(), Error> {
        self.1.around(self.0.delete_group(id, options)).await
    }

    async fn list_members(&self, group: &str, query: PageQuery) -> Result<Page<Member>, Error> {
        self.0.list_members(group, query).await
    }

    async fn add_members(
        &self,
        group: &str,
        users: &[String],
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        self.1.around(self.0.add_members(group, users, options)).await
    }

    async fn remove_members(
        &self,
        group: &str,
        users: &[String],
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        self.1.around(self.0.remove_members(group, users, options)).await
    }

    async fn page_cursors(&self, next_cursor: &str, at_most: u32) -> Result<Vec<String>, Error> {
        self.0.page_cursors(next_cursor, at_most).await
    }

    async fn request(&self, request: VendorRequest) -> Result<Reply, Error> {
        self.0.request(request).await
    }

    async fn describe(&self) -> Result<Description, Error> {
        self.0.describe().await
    }
}
