//! Looking for somebody in every group of a directory, one record after another: the user's own record may not show all
//! of them (zpa-scim 4).

use portcullis_directory::{Directory, Error, ErrorKind, Walk, WalkOptions};

use super::group::GroupName;
use super::membership::is_in;

/// The groups whose own record names the user, of all groups but those that are known already. A request a group, and a
/// request a hundred groups. `progress` is told how many of how many groups were looked at.
///
/// A group whose record has no word on members is left out, and counted in the second half of the answer.
pub async fn sweep<D: Directory>(
    directory: &D,
    user: &str,
    known: &[GroupName],
    mut progress: impl FnMut(usize, usize),
) -> Result<(Vec<GroupName>, usize), Error> {
    let mut groups = Vec::new();
    let mut walk = Walk::groups(directory, WalkOptions::default());
    while let Some(page) = walk.next_page().await.map_err(|broken| broken.error)? {
        groups.extend(page.items.iter().map(GroupName::from).filter(|group| !known.contains(group)));
    }
    let total = groups.len();
    let (mut found, mut silent) = (Vec::new(), 0);
    for (number, group) in (1..).zip(groups) {
        match is_in(directory, user, &group.id).await {
            Ok(true) => found.push(group),
            Ok(false) => {}
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) if error.kind == ErrorKind::Unsupported => silent += 1,
            Err(error) => return Err(error),
        }
        progress(number, total);
    }
    Ok((found, silent))
}
