//! The user directory of one vendor account, whatever stands behind it. No function hides a walk, retries or waits;
//! what each does, how many requests it makes and how it fails is written in `wit/`.

use crate::{
    Change, Description, Error, Group, GroupKey, Member, MembershipResult, Page, PageQuery, ReadOptions, Reply, User,
    UserKey, VendorRequest, WriteOptions,
};

/// Users, groups and memberships of one vendor account. The account is bound in the handle.
///
/// A list is complete, or says that it is not, or is an error: a failed, short or repeated page is never the end. Read
/// a whole list with a `Walk`.
///
/// An implementation may write `async fn`, as long as its futures are `Send`.
pub trait Directory: Send + Sync {
    /// One page of the users, in the vendor's order.
    fn list_users(&self, query: PageQuery) -> impl Future<Output = Result<Page<User>, Error>> + Send;

    /// The user with this `id`; [`NotFound`](crate::ErrorKind::NotFound) when there is none.
    fn get_user(&self, id: &str, options: ReadOptions) -> impl Future<Output = Result<User, Error>> + Send;

    /// Every user that has this key; empty when there is none. [`Unsupported`](crate::ErrorKind::Unsupported) when the
    /// vendor cannot search by it: then walk and compare.
    fn find_user(&self, key: &UserKey, options: ReadOptions) -> impl Future<Output = Result<Vec<User>, Error>> + Send;

    /// Makes a user out of these changes; `username` is required. Not idempotent.
    fn create_user(
        &self,
        changes: &[Change],
        options: WriteOptions,
    ) -> impl Future<Output = Result<User, Error>> + Send;

    /// Applies these changes to a user, all in one request, and leaves every other field alone. Answers the user as
    /// the vendor shows it afterwards, `None` where it shows nothing and `verify` is not set.
    fn update_user(
        &self,
        id: &str,
        changes: &[Change],
        options: WriteOptions,
    ) -> impl Future<Output = Result<Option<User>, Error>> + Send;

    /// Switches a user on or off. What off means is the vendor's affair, and may be deletion: read
    /// [`describe`](Self::describe). Answers as [`update_user`](Self::update_user) does.
    fn set_user_active(
        &self,
        id: &str,
        active: bool,
        options: WriteOptions,
    ) -> impl Future<Output = Result<Option<User>, Error>> + Send;

    /// Deletes a user. Deleting one that is gone succeeds.
    fn delete_user(&self, id: &str, options: WriteOptions) -> impl Future<Output = Result<(), Error>> + Send;

    /// One page of the groups, without their members.
    fn list_groups(&self, query: PageQuery) -> impl Future<Output = Result<Page<Group>, Error>> + Send;

    /// The group with this `id`, without its members; [`NotFound`](crate::ErrorKind::NotFound) when there is none.
    fn get_group(&self, id: &str, options: ReadOptions) -> impl Future<Output = Result<Group, Error>> + Send;

    /// Every group that has this key, as in [`find_user`](Self::find_user).
    fn find_group(
        &self,
        key: &GroupKey,
        options: ReadOptions,
    ) -> impl Future<Output = Result<Vec<Group>, Error>> + Send;

    /// Makes a group out of these changes; `name` is required. Not idempotent.
    fn create_group(
        &self,
        changes: &[Change],
        options: WriteOptions,
    ) -> impl Future<Output = Result<Group, Error>> + Send;

    /// Applies these changes to a group and leaves every other field and the members alone. Answers as
    /// [`update_user`](Self::update_user) does.
    fn update_group(
        &self,
        id: &str,
        changes: &[Change],
        options: WriteOptions,
    ) -> impl Future<Output = Result<Option<Group>, Error>> + Send;

    /// Deletes a group, not its members. Deleting one that is gone succeeds.
    fn delete_group(&self, id: &str, options: WriteOptions) -> impl Future<Output = Result<(), Error>> + Send;

    /// One page of the members of a group. A page may be the whole group, and may be empty before the end. The query's
    /// options change nothing: a member has no vendor record of its own.
    fn list_members(
        &self,
        group_id: &str,
        query: PageQuery,
    ) -> impl Future<Output = Result<Page<Member>, Error>> + Send;

    /// Adds members to a group; nobody else's membership is touched.
    fn add_members(
        &self,
        group_id: &str,
        members: &[String],
        options: WriteOptions,
    ) -> impl Future<Output = Result<MembershipResult, Error>> + Send;

    /// Removes members from a group; nobody else's membership is touched.
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when it would be left empty and `allow_empty` is not set.
    fn remove_members(
        &self,
        group_id: &str,
        members: &[String],
        options: WriteOptions,
    ) -> impl Future<Output = Result<MembershipResult, Error>> + Send;

    /// The given cursor and those of the pages after it, at most `at_most` in all, so that pages can be read side by
    /// side; empty when the vendor cannot jump. A page that brings less than the first one did means that the cursors
    /// after it skip rows.
    fn page_cursors(&self, next_cursor: &str, at_most: u32) -> impl Future<Output = Result<Vec<String>, Error>> + Send;

    /// Sends one request to the vendor's own API and answers its reply whatever the status; an error only when there
    /// was no reply.
    fn request(&self, request: VendorRequest) -> impl Future<Output = Result<Reply, Error>> + Send;

    /// Describes the connector as this account has it set up.
    fn describe(&self) -> impl Future<Output = Result<Description, Error>> + Send;
}
