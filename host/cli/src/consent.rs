//! Leave to do what cannot be undone: `--yes` of a script, or the answer of the person at the terminal. Without either
//! nothing is sent.

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::Screen;

/// The flag of what destroys something.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct ConsentArguments {
    /// Do it without asking; needed where there is no terminal to ask at
    #[arg(long)]
    yes: bool,
}

/// What needs leave, and whether it may be asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Consent {
    /// It was given beforehand.
    Given,
    /// None is needed, for nothing will be changed.
    Needless,
    /// Somebody has to be asked.
    Asked,
}

impl ConsentArguments {
    /// How leave is come by. `what` is what would be done, such as `deleting a user`: where nobody can be asked, that
    /// is said before a request is made.
    pub(crate) fn consent(self, is_rehearsed: bool, what: &str, screen: &Screen<'_>) -> anyhow::Result<Consent> {
        let refusal = || {
            let message = format!("{what} is asked about first, and there is no terminal to ask at; nothing was sent");
            Failure::usage(message, "`--yes` does it, and `--dry-run` shows what would be sent")
        };
        self.consent_or(is_rehearsed, refusal, screen)
    }

    /// The same, with what to say where nobody can be asked.
    pub(crate) fn consent_or(
        self,
        is_rehearsed: bool,
        refusal: impl FnOnce() -> Failure,
        screen: &Screen<'_>,
    ) -> anyhow::Result<Consent> {
        match (is_rehearsed, self.yes) {
            (true, _) => Ok(Consent::Needless),
            (false, true) => Ok(Consent::Given),
            (false, false) if screen.can_ask => Ok(Consent::Asked),
            (false, false) => Err(refusal().into()),
        }
    }
}

impl Consent {
    /// Says what will happen, and asks where that is needed.
    pub(crate) fn obtain(self, what: &[String], question: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        if !matches!(self, Consent::Needless) {
            for line in what {
                screen.say("warning", line)?;
            }
        }
        match self {
            Consent::Given | Consent::Needless => Ok(()),
            Consent::Asked if screen.ask(question)? => Ok(()),
            Consent::Asked => {
                let message = "it was not agreed to, so nothing was sent";
                Err(Failure::new(Exit::Other, message, "`y` agrees; `--yes` does not ask").into())
            }
        }
    }
}
