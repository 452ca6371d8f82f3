//! A connector bound to an account: the handle that platforms hold.
//!
//! Each function is one call of a fresh instance, which remembers nothing. Its requests go out at the account's pace, and
//! are tried again where that is safe.

use std::sync::Arc;
use std::time::Duration;

use portcullis_directory::{
    Change, Description, Directory, Error, Group, GroupKey, Member, MembershipResult, Page, PageQuery, ReadOptions,
    Reply, User, UserKey, VendorRequest, WriteOptions,
};
use tracing::Instrument;

use crate::binding::{descriptor, types, vendor_api};
use crate::call::{Call, Caller};
use crate::connector::Loaded;
use crate::contract::{DESCRIPTOR, USER_DIRECTORY, VENDOR_API};
use crate::conversion::{all, cursors};
use crate::cpu::{Bench, CpuTime};
use crate::digest::Digest;
use crate::dry_run::DryRun;
use crate::egress::Egress;
use crate::limit::Limits;
use crate::outbound::Outbound;
use crate::pace::Pace;
use crate::span;
use crate::witness::Witness;

/// The user directory of one account, behind one connector. Cheap to clone, and usable from many tasks at once.
///
/// Use it within a Tokio runtime. A call whose future is dropped stops at once, its requests with it; one that computes
/// for long does so on threads of the runtime, and stops within some 10 ms.
#[derive(Clone, Debug)]
pub struct AccountDirectory(Arc<Bound>);

#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) account: types::Account,
    pub(crate) egress: Arc<Egress>,
    /// The lower of the runtime's and the account's own.
    pub(crate) limits: Limits,
    /// What the account goes by where calls wait.
    pub(crate) number: u64,
    /// Where its calls take turns that compute for long.
    pub(crate) bench: Bench,
    /// What the account goes by in logs.
    pub(crate) label: Arc<str>,
}

impl AccountDirectory {
    pub(crate) fn new(bound: Bound) -> AccountDirectory {
        AccountDirectory(Arc::new(bound))
    }

    /// The same account, whose writes are recorded instead of sent, and the record of them. The handle itself goes on
    /// as before.
    ///
    /// A write is checked as ever, and denied where it would be; no credential is fetched and no connection opened for
    /// it. It is answered as an API of resources usually would: `POST` of a JSON object by 201 and the object, with
    /// the id `simulated-1` (`simulated-2` …) where it has none; `PUT` by 200 and its own body; every other by 204.
    /// Reads go to the vendor, which knows nothing of the writes, but a read of an object that was made by such a
    /// `POST` is answered by that object, or by what a `PUT` or `DELETE` made of it; a `PATCH` changes nothing, as what
    /// it means is the vendor's affair. Every such answer has the header `x-portcullis-simulated: true`.
    pub fn dry_run(&self) -> (AccountDirectory, DryRun) {
        let run = DryRun::default();
        let rehearsing = self.with(Egress { dry_run: Some(run.clone()), ..Egress::clone(&self.0.egress) });
        (rehearsing, run)
    }

    /// The same account, whose calls and requests go before all others, so that cutting one person off does not wait
    /// behind a bulk run. The handle itself goes on as before.
    ///
    /// An urgent call runs where others would wait, outside the account's share, as long as no more than 8 do so; beyond
    /// that it runs next. An urgent request waits until the rate allows one, and for no request that is under way. A wait that the vendor
    /// asked for holds for it, too.
    #[must_use]
    pub fn urgent(&self) -> AccountDirectory {
        self.with(Egress { is_urgent: true, ..Egress::clone(&self.0.egress) })
    }

    /// The same account, and who sees the ids that the vendor gives to the requests of this handle, so that a record of a
    /// call can name them. The handle itself goes on as before.
    pub fn witnessed(&self) -> (AccountDirectory, Witness) {
        let witness = Witness::default();
        (self.with(Egress { witness: Some(witness.clone()), ..Egress::clone(&self.0.egress) }), witness)
    }

    /// The same account, whose requests are sent once each: for who wants to see every answer of the vendor. The handle
    /// itself goes on as before.
    #[must_use]
    pub fn once(&self) -> AccountDirectory {
        let pace = Pace { retry_time: Duration::ZERO, ..self.pace() };
        self.with(Egress { pace, ..Egress::clone(&self.0.egress) })
    }

    /// The way out that the calls of this handle have, for requests of a connector that runs in another host. It shares
    /// connections and pace with the handle, and keeps to a dry run where the handle does.
    pub fn outbound(&self) -> Outbound {
        Outbound::new(Arc::clone(&self.0))
    }

    fn with(&self, egress: Egress) -> AccountDirectory {
        let Bound { loaded, account, limits, number, bench, label, .. } = &*self.0;
        let (loaded, account, egress) = (Arc::clone(loaded), account.clone(), Arc::new(egress));
        let (bench, label) = (bench.clone(), Arc::clone(label));
        AccountDirectory::new(Bound { loaded, account, egress, limits: *limits, number: *number, bench, label })
    }

    /// The pace that the account was bound with.
    pub fn pace(&self) -> Pace {
        self.0.egress.pace
    }

    /// The SHA-256 of the component behind the handle.
    pub fn component(&self) -> Digest {
        self.0.loaded.digest
    }

    /// What a call of this handle may compute.
    fn cpu(&self) -> Arc<CpuTime> {
        let Bound { bench, limits, egress, .. } = &*self.0;
        // An urgent call waits behind no bulk run, here neither.
        let bench = if egress.is_urgent { Bench::default() } else { bench.clone() };
        Arc::new(CpuTime::new(limits.cpu_time, bench))
    }

    fn span(&self, operation: &'static str) -> tracing::Span {
        span::call(operation, &self.0.label, &self.0.egress.origin)
    }
}

impl Bound {
    async fn start(&self, cpu: Arc<CpuTime>) -> Result<Call, Error> {
        let Bound { loaded, egress, limits, number, .. } = self;
        let caller = Caller { number: *number, cpu, limits: *limits, egress: Some(Arc::clone(egress)) };
        let started = Call::start(&loaded.runtime, &loaded.component, caller).await;
        started.inspect_err(|error| span::ended::<()>(&Err(error.clone()), 0))
    }
}

/// A call of one function of the contract, up to its answer in the contract's own types, or in those that it is checked
/// and made into. It owns what it needs, as it may move to another thread. Its span has the function's name, or another.
macro_rules! call {
    ($self:ident, |$account:ident| $interface:ident.$function:literal $($rest:tt)+) => {
        call!($self as $function, |$account| $interface.$function $($rest)+)
    };
    ($self:ident as $operation:literal, |$account:ident| $interface:ident.$function:literal($($argument:expr),*) -> $answer:ty $(, $checked:path)?) => {{
        let (bound, cpu) = (Arc::clone(&$self.0), $self.cpu());
        let (background, counted) = (Arc::clone(&bound.loaded.runtime.background), Arc::clone(&cpu));
        let work = async move {
            let mut call = bound.start(counted).await?;
            let $account = &bound.account;
            let answer = call.function::<_, $answer>($interface, $function, ($($argument,)*)).await;
            $(let answer = answer.and_then(|answer| $checked(answer).map_err(|error| call.watch.judged(error)));)?
            answer
        };
        background.run(Box::pin(work.instrument($self.span($operation))), cpu).await
    }};
}

impl Directory for AccountDirectory {
    async fn list_users(&self, query: PageQuery) -> Result<Page<User>, Error> {
        call!(
            self,
            |account| USER_DIRECTORY."list-users"(
                account,
                query.cursor.as_deref(),
                query.size,
                types::ReadOptions::from(query.options)
            ) -> types::UserPage,
            Page::try_from
        )
    }

    async fn get_user(&self, id: &str, options: ReadOptions) -> Result<User, Error> {
        let id = id.to_owned();
        call!(self, |account| USER_DIRECTORY."get-user"(
            account,
            &id,
            types::ReadOptions::from(options)
        ) -> types::User)
        .map(User::from)
    }

    async fn find_user(&self, key: &UserKey, options: ReadOptions) -> Result<Vec<User>, Error> {
        let key = types::UserKey::from(key);
        call!(self, |account| USER_DIRECTORY."find-user"(
            account,
            &key,
            types::ReadOptions::from(options)
        ) -> Vec<types::User>)
        .map(all)
    }

    async fn create_user(&self, changes: &[Change], options: WriteOptions) -> Result<User, Error> {
        let changes = to_wit(changes);
        call!(self, |account| USER_DIRECTORY."create-user"(
            account,
            &changes,
            types::WriteOptions::from(options)
        ) -> types::User)
        .map(User::from)
    }

    async fn update_user(&self, id: &str, changes: &[Change], options: WriteOptions) -> Result<Option<User>, Error> {
        let (id, changes) = (id.to_owned(), to_wit(changes));
        call!(self, |account| USER_DIRECTORY."update-user"(
            account,
            &id,
            &changes,
            types::WriteOptions::from(options)
        ) -> Option<types::User>)
        .map(|user| user.map(User::from))
    }

    async fn set_user_active(&self, id: &str, active: bool, options: WriteOptions) -> Result<Option<User>, Error> {
        let id = id.to_owned();
        call!(self, |account| USER_DIRECTORY."set-user-active"(
            account,
            &id,
            active,
            types::WriteOptions::from(options)
        ) -> Option<types::User>)
        .map(|user| user.map(User::from))
    }

    async fn delete_user(&self, id: &str, options: WriteOptions) -> Result<(), Error> {
        let id = id.to_owned();
        call!(self, |account| USER_DIRECTORY."delete-user"(
            account,
            &id,
            types::WriteOptions::from(options)
        ) -> ())
    }

    async fn list_groups(&self, query: PageQuery) -> Result<Page<Group>, Error> {
        call!(
            self,
            |account| USER_DIRECTORY."list-groups"(
                account,
                query.cursor.as_deref(),
                query.size,
                types::ReadOptions::from(query.options)
            ) -> types::GroupPage,
            Page::try_from
        )
    }

    async fn get_group(&self, id: &str, options: ReadOptions) -> Result<Group, Error> {
        let id = id.to_owned();
        call!(self, |account| USER_DIRECTORY."get-group"(
            account,
            &id,
            types::ReadOptions::from(options)
        ) -> types::Group)
        .map(Group::from)
    }

    async fn find_group(&self, key: &GroupKey, options: ReadOptions) -> Result<Vec<Group>, Error> {
        let key = types::GroupKey::from(key);
        call!(self, |account| USER_DIRECTORY."find-group"(
            account,
            &key,
            types::ReadOptions::from(options)
        ) -> Vec<types::Group>)
        .map(all)
    }

    async fn create_group(&self, changes: &[Change], options: WriteOptions) -> Result<Group, Error> {
        let changes = to_wit(changes);
        call!(self, |account| USER_DIRECTORY."create-group"(
            account,
            &changes,
            types::WriteOptions::from(options)
        ) -> types::Group)
        .map(Group::from)
    }

    async fn update_group(&self, id: &str, changes: &[Change], options: WriteOptions) -> Result<Option<Group>, Error> {
        let (id, changes) = (id.to_owned(), to_wit(changes));
        call!(self, |account| USER_DIRECTORY."update-group"(
            account,
            &id,
            &changes,
            types::WriteOptions::from(options)
        ) -> Option<types::Group>)
        .map(|group| group.map(Group::from))
    }

    async fn delete_group(&self, id: &str, options: WriteOptions) -> Result<(), Error> {
        let id = id.to_owned();
        call!(self, |account| USER_DIRECTORY."delete-group"(
            account,
            &id,
            types::WriteOptions::from(options)
        ) -> ())
    }

    async fn list_members(&self, group_id: &str, query: PageQuery) -> Result<Page<Member>, Error> {
        let group_id = group_id.to_owned();
        call!(
            self,
            |account| USER_DIRECTORY."list-members"(
                account,
                &group_id,
                query.cursor.as_deref(),
                query.size
            ) -> types::MemberPage,
            Page::try_from
        )
    }

    async fn add_members(
        &self,
        group_id: &str,
        members: &[String],
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        let (group_id, members) = (group_id.to_owned(), members.to_owned());
        call!(self, |account| USER_DIRECTORY."add-members"(
            account,
            &group_id,
            &members,
            types::WriteOptions::from(options)
        ) -> types::MembershipResult)
        .map(MembershipResult::from)
    }

    async fn remove_members(
        &self,
        group_id: &str,
        members: &[String],
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        let (group_id, members) = (group_id.to_owned(), members.to_owned());
        call!(self, |account| USER_DIRECTORY."remove-members"(
            account,
            &group_id,
            &members,
            types::WriteOptions::from(options)
        ) -> types::MembershipResult)
        .map(MembershipResult::from)
    }

    async fn page_cursors(&self, next_cursor: &str, at_most: u32) -> Result<Vec<String>, Error> {
        let next_cursor = next_cursor.to_owned();
        call!(
            self,
            |account| USER_DIRECTORY."page-cursors"(account, &next_cursor, at_most) -> Vec<String>,
            cursors
        )
    }

    async fn request(&self, request: VendorRequest) -> Result<Reply, Error> {
        call!(self as "vendor-api.request", |account| VENDOR_API."request"(
            account,
            &request.method,
            &request.path,
            &request.query,
            &request.headers,
            request.body.as_deref()
        ) -> vendor_api::Reply)
        .map(Reply::from)
    }

    async fn describe(&self) -> Result<Description, Error> {
        call!(self, |account| DESCRIPTOR."describe"(Some(account)) -> descriptor::Description).map(Description::from)
    }
}

fn to_wit(changes: &[Change]) -> Vec<types::Change> {
    changes.iter().map(types::Change::from).collect()
}
