//! How much is measured.

#[derive(Clone, Copy)]
pub struct Extent {
    /// Only whether every part still runs.
    pub quick: bool,
    /// Whether the page and the plots are written.
    pub writes: bool,
    /// Whole logins one after the other.
    pub logins: usize,
    /// Up to a million users in the table instead of a hundred thousand.
    pub million: bool,
}

impl Extent {
    /// `full`, or `quick` if only a little is measured.
    pub fn of<T>(self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}
