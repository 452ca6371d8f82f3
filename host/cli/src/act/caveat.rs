//! What nobody can see in a directory of ZPA and so is not proven, however well everything went (zpa-scim 8, 10, 12).

use std::io::Write as _;

use serde::Serialize;

use crate::output;
use crate::screen::Screen;

/// Something that is not proven.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Caveat {
    /// A stable name.
    pub(super) code: &'static str,
    /// What it is, and what to do about it.
    pub(super) text: &'static str,
}

/// Of everybody who is cut off. What is proven is what the directory shows, and that is all.
pub(super) const NOT_PROVEN: [Caveat; 4] = [
    Caveat {
        code: "sessions",
        text: "sessions that are open: Zscaler says that ZPA ends them once a user is disabled, and how soon is not \
               said; look at the live sessions in the admin portal",
    },
    Caveat {
        code: "browser-access",
        text: "Browser Access: Zscaler says that these users cannot be removed over SCIM; disable them at the identity \
               provider",
    },
    Caveat {
        code: "policy",
        text: "that access rules look at SCIM at all: a tenant may have SCIM-based policy switched off",
    },
    Caveat {
        code: "identity-provider",
        text: "that it stays so: the identity provider may put the user back on its next cycle (Entra ID: about 40 \
               minutes); disable them there too, and use `--watch`",
    },
];

/// Of everybody who is confined.
pub(super) const CONFINED: [Caveat; 3] = [
    Caveat {
        code: "policy",
        text: "that the restricted group reaches less: access rules decide that, a tenant may have SCIM-based policy \
               switched off, and rules for everybody or by SAML attributes apply all the same",
    },
    Caveat {
        code: "sessions",
        text: "sessions that are open: Zscaler does not say whether and how soon a change of groups ends them; \
               `offboard` switches the user off",
    },
    Caveat {
        code: "identity-provider",
        text: "that it stays so: the identity provider may put the user back into groups on its next cycle (Entra ID: \
               about 40 minutes); change it there too, and use `--watch`",
    },
];

/// Of everybody who is taken on, or let back.
pub(super) const ADMITTED: [Caveat; 3] = [
    Caveat {
        code: "policy",
        text: "that the groups reach anything: access rules decide that, and a tenant may have SCIM-based policy \
               switched off",
    },
    Caveat { code: "propagation", text: "how soon ZPA acts on it: Zscaler gives no number" },
    Caveat {
        code: "identity-provider",
        text: "that it stays so: the identity provider may take away what it does not know of",
    },
];

/// Prints what is not proven.
pub(super) fn print(caveats: &[Caveat], screen: &mut Screen<'_>) -> anyhow::Result<()> {
    output::print_heading("NOT PROVEN by anything above", screen)?;
    for caveat in caveats {
        writeln!(screen.out(), "  - {}", caveat.text)?;
    }
    Ok(())
}
