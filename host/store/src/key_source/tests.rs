//! The store's own key in a keyring: one in memory, which can fail, and at which a process can end. The real one is asked
//! by the end-to-end test `keyring`.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use zeroize::Zeroizing;

use crate::keyring::Answer;
use crate::tests::{Place, TOKEN, account, name, text, token};
use crate::{Error, KeyPlace, KeySource, Keyring, KeyringError, NewKey, Store};

#[derive(Debug, Default)]
struct Memory(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<String, String>,
    /// What it was asked.
    calls: Vec<&'static str>,
    /// The call, counted from the first, that is never answered, and whether it does what it was asked for all the same.
    end: Option<(usize, bool)>,
    error: Option<KeyringError>,
    /// Whether it forgets what is put into it.
    forgets: bool,
}

impl Memory {
    fn set_error(&self, error: Option<KeyringError>) {
        self.0.lock().unwrap().error = error;
    }

    fn entries(&self) -> BTreeMap<String, String> {
        self.0.lock().unwrap().entries.clone()
    }

    fn take_calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap().calls)
    }

    async fn call<T>(
        &self,
        what: &'static str,
        work: impl FnOnce(&mut BTreeMap<String, String>) -> T,
    ) -> Result<T, KeyringError> {
        let (done, is_end) = {
            let mut state = self.0.lock().unwrap();
            state.calls.push(what);
            let (is_end, is_done) = match state.end {
                Some((call, is_done)) if call == state.calls.len() => (true, is_done),
                _ => (false, true),
            };
            if let Some(error) = &state.error {
                return Err(error.clone());
            }
            let forgets = state.forgets;
            let done = is_done.then(|| work(&mut state.entries));
            if forgets {
                state.entries.clear();
            }
            (done, is_end)
        };
        match done {
            Some(done) if !is_end => Ok(done),
            _ => std::future::pending().await,
        }
    }
}

impl Keyring for Memory {
    fn get<'a>(&'a self, entry: &'a str) -> Answer<'a, Option<Zeroizing<String>>> {
        Box::pin(self.call("get", move |entries| entries.get(entry).cloned().map(Zeroizing::new)))
    }

    fn set<'a>(&'a self, entry: &'a str, text: &'a str) -> Answer<'a, ()> {
        Box::pin(self.call("set", move |entries| drop(entries.insert(entry.to_owned(), text.to_owned()))))
    }

    fn remove<'a>(&'a self, entry: &'a str) -> Answer<'a, ()> {
        Box::pin(self.call("remove", move |entries| drop(entries.remove(entry))))
    }
}

async fn open(place: &Place, keyring: &Arc<Memory>, new: NewKey) -> Store {
    Store::open(&place.0, KeySource::own_in(Arc::clone(keyring) as Arc<dyn Keyring>, new)).await.unwrap()
}

/// A store with an account, whose key is in this place.
async fn kept(place: &Place, keyring: &Arc<Memory>, at: KeyPlace) -> Store {
    let new = if at == KeyPlace::Keyring { NewKey::Keyring } else { NewKey::File };
    let store = open(place, keyring, new).await;
    store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    assert_eq!(store.key_place().unwrap(), Some(at));
    store
}

/// The lines of the key file that are no note.
fn file(place: &Place) -> Vec<String> {
    let text = fs::read_to_string(place.0.join("key")).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

fn message<T: std::fmt::Debug>(done: Result<T, Error>) -> String {
    done.unwrap_err().to_string()
}

#[tokio::test]
async fn a_key_in_a_keyring_is_not_in_the_file() {
    let (place, keyring) = (Place::new(), Arc::default());
    let store = open(&place, &keyring, NewKey::KeyringOrFile).await;
    assert_eq!(store.key_place().unwrap(), None);
    store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    let entries = keyring.entries();
    let (entry, keys) = entries.first_key_value().unwrap();
    assert_eq!((entries.len(), file(&place)), (1, vec![format!("keyring {entry}")]));
    assert_eq!((keys.len(), keys.lines().count()), (65, 1));
    assert_eq!(store.key_place().unwrap(), Some(KeyPlace::Keyring));
    // Whoever comes later finds it, wherever he would keep a new one.
    for new in [NewKey::File, NewKey::KeyringOrFile, NewKey::Keyring] {
        assert_eq!(text(&open(&place, &keyring, new).await, "acme").await.unwrap(), TOKEN);
    }
}

#[tokio::test]
async fn a_keyring_that_is_of_no_use_leaves_a_new_key_to_the_file_unless_it_has_to_be_there() {
    let of_no_use =
        [KeyringError::Locked, KeyringError::Silent, KeyringError::NotBuilt, KeyringError::Absent("no bus".to_owned())];
    for error in of_no_use {
        let (place, keyring) = (Place::new(), Arc::<Memory>::default());
        keyring.set_error(Some(error.clone()));
        let refused = open(&place, &keyring, NewKey::Keyring).await.add(account("acme", Some(token(TOKEN))), 1).await;
        assert_eq!(refused.unwrap_err().keyring_unfit(), Some(&error));
        assert!(!place.0.join("key").exists());
        let store = open(&place, &keyring, NewKey::KeyringOrFile).await;
        store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
        assert_eq!(store.key_place().unwrap(), Some(KeyPlace::File));
        assert_eq!(text(&store, "acme").await.unwrap(), TOKEN);
    }
    let (place, keyring) = (Place::new(), Arc::<Memory>::default());
    keyring.0.lock().unwrap().forgets = true;
    let refused = open(&place, &keyring, NewKey::Keyring).await.add(account("acme", Some(token(TOKEN))), 1).await;
    let expected = "the key cannot be put into the keyring of this system, which fails (it does not give back what was \
                    put into it)";
    assert_eq!(message(refused), expected);
}

#[tokio::test]
async fn a_key_in_a_keyring_that_is_of_no_use_now_is_an_error_and_no_new_key() {
    let (place, keyring) = (Place::new(), Arc::default());
    kept(&place, &keyring, KeyPlace::Keyring).await;
    keyring.set_error(Some(KeyringError::Locked));
    let store = open(&place, &keyring, NewKey::KeyringOrFile).await;
    let locked = "the key is in the keyring of this system, which is locked";
    assert_eq!(message(text(&store, "acme").await), locked);
    assert_eq!(message(store.add(account("more", Some(token(TOKEN))), 1).await), locked);
    assert_eq!(message(store.rotate_key(None).await), locked);
    let off = Store::open(&place.0, KeySource::own()).await.unwrap();
    let told = "the key is in the keyring of this system, which this program is told not to use";
    assert_eq!(message(text(&off, "acme").await), told);
    keyring.set_error(None);
    assert_eq!(text(&store, "acme").await.unwrap(), TOKEN);
}

#[tokio::test]
async fn an_entry_that_is_gone_is_missed_as_long_as_something_is_sealed() {
    let (place, keyring) = (Place::new(), Arc::<Memory>::default());
    let store = kept(&place, &keyring, KeyPlace::Keyring).await;
    let entry = keyring.0.lock().unwrap().entries.pop_first().unwrap().0;
    let gone = format!("the entry `{entry}` of the keyring is gone, and credentials are sealed with what was in it");
    let later = open(&place, &keyring, NewKey::KeyringOrFile).await;
    let error = text(&later, "acme").await.unwrap_err();
    assert_eq!((error.to_string(), error.is_key_missing()), (gone.clone(), true));
    assert_eq!(message(later.add(account("more", Some(token(TOKEN))), 1).await), gone);
    assert_eq!(message(later.rotate_key(None).await), gone);
    let acme = store.account(&name("acme")).await.unwrap();
    store.remove(&acme).await.unwrap();
    later.add(account("more", Some(token(TOKEN))), 1).await.unwrap();
    assert_eq!(text(&open(&place, &keyring, NewKey::File).await, "more").await.unwrap(), TOKEN);
    assert!(!keyring.entries().contains_key(&entry));
}

#[tokio::test]
async fn the_keyring_is_asked_once_and_again_for_a_key_that_is_not_known() {
    let (place, keyring) = (Place::new(), Arc::default());
    let one = kept(&place, &keyring, KeyPlace::Keyring).await;
    let other = open(&place, &keyring, NewKey::File).await;
    keyring.take_calls();
    for _ in 0..50 {
        assert_eq!(text(&other, "acme").await.unwrap(), TOKEN);
    }
    assert_eq!(keyring.take_calls(), ["get"]);
    one.rotate_key(None).await.unwrap();
    keyring.take_calls();
    for _ in 0..50 {
        assert_eq!(text(&other, "acme").await.unwrap(), TOKEN);
    }
    assert_eq!(keyring.take_calls(), ["get"]);
    // What is sealed is sealed with the key of now, whatever was read before.
    one.rotate_key(None).await.unwrap();
    other.add(account("more", Some(token(TOKEN))), 1).await.unwrap();
    for place_of_key in [KeyPlace::File, KeyPlace::Keyring, KeyPlace::File] {
        one.rotate_key(Some(place_of_key)).await.unwrap();
        assert_eq!(text(&other, "more").await.unwrap(), TOKEN);
        assert_eq!(text(&one, "acme").await.unwrap(), TOKEN);
    }
}

#[tokio::test]
async fn a_rotation_moves_the_key_and_leaves_nothing_behind() {
    let (place, keyring) = (Place::new(), Arc::default());
    let store = kept(&place, &keyring, KeyPlace::File).await;
    let in_file = file(&place);
    let rotation = store.rotate_key(Some(KeyPlace::Keyring)).await.unwrap();
    assert_eq!((rotation.place, rotation.resealed), (KeyPlace::Keyring, 1));
    let entries = keyring.entries();
    let (entry, keys) = entries.first_key_value().unwrap();
    assert_eq!((entries.len(), file(&place)), (1, vec![format!("keyring {entry}")]));
    assert_eq!(keys.lines().count(), 1);
    assert_ne!(keys.trim_end(), in_file[0]);
    let rotation = store.rotate_key(Some(KeyPlace::File)).await.unwrap();
    assert_eq!((rotation.place, rotation.resealed), (KeyPlace::File, 1));
    assert_eq!((keyring.entries().len(), file(&place).len()), (0, 1));
    assert_ne!(keys.trim_end(), file(&place)[0]);
    assert_eq!(text(&store, "acme").await.unwrap(), TOKEN);
}

#[tokio::test]
async fn a_key_of_the_operators_is_not_moved() {
    let place = Place::new();
    let keys = crate::Keys::parse(&"a".repeat(64), "the test").unwrap();
    let store = Store::open(&place.0, KeySource::Given(keys)).await.unwrap();
    let refused = store.rotate_key(Some(KeyPlace::File)).await.unwrap_err();
    assert_eq!(refused.to_string(), "the key is the operator's, and is not the store's to move");
}

/// Moves, and where from: every one ends at every call to the keyring, before it is done and after it.
#[tokio::test]
async fn a_rotation_that_ends_at_any_call_to_the_keyring_loses_nothing() {
    let moves = [
        (KeyPlace::File, Some(KeyPlace::Keyring), 6),
        (KeyPlace::Keyring, Some(KeyPlace::File), 2),
        (KeyPlace::Keyring, None, 8),
    ];
    for (from, to, calls) in moves {
        for is_done in [false, true] {
            let mut ended = 0;
            loop {
                let (place, keyring) = (Place::new(), Arc::<Memory>::default());
                let store = kept(&place, &keyring, from).await;
                keyring.take_calls();
                let end = ended + 1;
                keyring.0.lock().unwrap().end = Some((end, is_done));
                let rotation = store.rotate_key(to);
                let is_over = tokio::select! {
                    rotated = rotation => { rotated.unwrap(); true }
                    () = reached(&keyring, end) => false,
                };
                if is_over {
                    break;
                }
                ended += 1;
                drop(store);
                intact(&place, &keyring, &format!("{from:?} {to:?} {end} {is_done}")).await;
            }
            assert_eq!(ended, calls, "{from:?} {to:?}");
        }
    }
}

/// The same between the writes of the place and those of the database.
#[tokio::test]
async fn a_rotation_that_ends_before_the_database_is_written_loses_nothing() {
    for (from, to) in [
        (KeyPlace::File, Some(KeyPlace::Keyring)),
        (KeyPlace::Keyring, Some(KeyPlace::File)),
        (KeyPlace::Keyring, None),
        (KeyPlace::File, None),
    ] {
        let (place, keyring) = (Place::new(), Arc::default());
        let store = kept(&place, &keyring, from).await;
        place.tamper("CREATE TRIGGER stop BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'stop'); END").await;
        store.rotate_key(to).await.unwrap_err();
        assert_eq!(store.key_place().unwrap(), Some(to.unwrap_or(from)));
        place.tamper("DROP TRIGGER stop").await;
        drop(store);
        intact(&place, &keyring, &format!("{from:?} {to:?}")).await;
    }
}

/// A later process opens what was sealed, with the process before ended anywhere; and can rotate.
async fn intact(place: &Place, keyring: &Arc<Memory>, moment: &str) {
    keyring.0.lock().unwrap().end = None;
    let later = open(place, keyring, NewKey::File).await;
    assert_eq!(text(&later, "acme").await.unwrap(), TOKEN, "{moment}");
    later.rotate_key(None).await.unwrap();
    assert_eq!(text(&later, "acme").await.unwrap(), TOKEN, "{moment}");
    assert_eq!(file(place).len(), 1, "{moment}");
    let entries = keyring.entries();
    let named = file(place)[0].strip_prefix("keyring ").map(|entry| entries.get(entry).unwrap().lines().count());
    assert!(named.is_none_or(|keys| keys == 1), "{moment}");
}

/// Until the keyring was asked so often.
async fn reached(keyring: &Memory, calls: usize) {
    while keyring.0.lock().unwrap().calls.len() < calls {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_rotations_and_moves_side_by_side_lose_nothing() {
    let (place, keyring) = (Place::new(), Arc::<Memory>::default());
    let mut tasks = Vec::new();
    for number in 0..8 {
        let (directory, keyring) = (place.0.clone(), Arc::clone(&keyring) as Arc<dyn Keyring>);
        tasks.push(tokio::spawn(async move {
            let store = Store::open(&directory, KeySource::own_in(keyring, NewKey::KeyringOrFile)).await.unwrap();
            store.add(account(&format!("a{number}"), Some(token(TOKEN))), 1).await.unwrap();
            let to = [None, Some(KeyPlace::File), None, Some(KeyPlace::Keyring)][number % 4];
            store.rotate_key(to).await.unwrap();
            assert_eq!(text(&store, &format!("a{number}")).await.unwrap(), TOKEN);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let store = open(&place, &keyring, NewKey::File).await;
    for number in 0..8 {
        assert_eq!(text(&store, &format!("a{number}")).await.unwrap(), TOKEN);
    }
    assert_eq!(keyring.entries().len(), usize::from(store.key_place().unwrap() == Some(KeyPlace::Keyring)));
}
