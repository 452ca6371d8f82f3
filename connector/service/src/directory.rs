//! The imported contract as a [`Directory`], so that calls are read and answered by the code that `portcullis call` has.

use portcullis_directory::{
    Change, Description, Directory, Error, Group, GroupKey, Member, MembershipResult, Page, PageQuery, ReadOptions,
    Reply, User, UserKey, VendorRequest, WriteOptions,
};

use crate::binding::{descriptor, types, user_directory, vendor_api};
use crate::conversion::{all, cursors};

/// Whichever connector is plugged in, bound to an account.
pub(crate) struct Connector(types::Account);

impl Connector {
    pub(crate) fn new(endpoint: String, settings: Option<String>) -> Connector {
        Connector(types::Account { endpoint, settings })
    }
}

impl Directory for Connector {
    async fn list_users(&self, query: PageQuery) -> Result<Page<User>, Error> {
        user_directory::list_users(&self.0, query.cursor.as_deref(), query.size, query.options.into())?.try_into()
    }

    async fn get_user(&self, id: &str, options: ReadOptions) -> Result<User, Error> {
        Ok(user_directory::get_user(&self.0, id, options.into())?.into())
    }

    async fn find_user(&self, key: &UserKey, options: ReadOptions) -> Result<Vec<User>, Error> {
        Ok(all(user_directory::find_user(&self.0, &key.into(), options.into())?))
    }

    async fn create_user(&self, changes: &[Change], options: WriteOptions) -> Result<User, Error> {
        Ok(user_directory::create_user(&self.0, &each(changes), options.into())?.into())
    }

    async fn update_user(&self, id: &str, changes: &[Change], options: WriteOptions) -> Result<Option<User>, Error> {
        Ok(user_directory::update_user(&self.0, id, &each(changes), options.into())?.map(User::from))
    }

    async fn set_user_active(&self, id: &str, active: bool, options: WriteOptions) -> Result<Option<User>, Error> {
        Ok(user_directory::set_user_active(&self.0, id, active, options.into())?.map(User::from))
    }

    async fn delete_user(&self, id: &str, options: WriteOptions) -> Result<(), Error> {
        Ok(user_directory::delete_user(&self.0, id, options.into())?)
    }

    async fn list_groups(&self, query: PageQuery) -> Result<Page<Group>, Error> {
        user_directory::list_groups(&self.0, query.cursor.as_deref(), query.size, query.options.into())?.try_into()
    }

    async fn get_group(&self, id: &str, options: ReadOptions) -> Result<Group, Error> {
        Ok(user_directory::get_group(&self.0, id, options.into())?.into())
    }

    async fn find_group(&self, key: &GroupKey, options: ReadOptions) -> Result<Vec<Group>, Error> {
        Ok(all(user_directory::find_group(&self.0, &key.into(), options.into())?))
    }

    async fn create_group(&self, changes: &[Change], options: WriteOptions) -> Result<Group, Error> {
        Ok(user_directory::create_group(&self.0, &each(changes), options.into())?.into())
    }

    async fn update_group(&self, id: &str, changes: &[Change], options: WriteOptions) -> Result<Option<Group>, Error> {
        Ok(user_directory::update_group(&self.0, id, &each(changes), options.into())?.map(Group::from))
    }

    async fn delete_group(&self, id: &str, options: WriteOptions) -> Result<(), Error> {
        Ok(user_directory::delete_group(&self.0, id, options.into())?)
    }

    async fn list_members(&self, group_id: &str, query: PageQuery) -> Result<Page<Member>, Error> {
        user_directory::list_members(&self.0, group_id, query.cursor.as_deref(), query.size)?.try_into()
    }

    async fn add_members(
        &self,
        group_id: &str,
        members: &[String],
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        Ok(user_directory::add_members(&self.0, group_id, members, options.into())?.into())
    }

    async fn remove_members(
        &self,
        group_id: &str,
        members: &[String],
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        Ok(user_directory::remove_members(&self.0, group_id, members, options.into())?.into())
    }

    async fn page_cursors(&self, next_cursor: &str, at_most: u32) -> Result<Vec<String>, Error> {
        cursors(user_directory::page_cursors(&self.0, next_cursor, at_most)?)
    }

    async fn request(&self, request: VendorRequest) -> Result<Reply, Error> {
        let VendorRequest { method, path, query, headers, body } = request;
        Ok(vendor_api::request(&self.0, &method, &path, &query, &headers, body.as_deref())?.into())
    }

    async fn describe(&self) -> Result<Description, Error> {
        Ok(descriptor::describe(Some(&self.0))?.into())
    }
}

fn each(changes: &[Change]) -> Vec<types::Change> {
    changes.iter().map(types::Change::from).collect()
}
