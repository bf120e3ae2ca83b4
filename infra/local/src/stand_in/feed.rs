//! A list of what came, in memory, for pages that poll.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The maximum number of items. The oldest are dropped first.
const MOST_KEPT: usize = 1_000;

/// The items so far. Clones are cheap and share the items.
#[derive(Debug)]
pub struct Feed<T>(Arc<Mutex<Kept<T>>>);

/// The content of a feed. Items are numbered from 0 without gaps, so an item's number
/// gives its place in the queue.
#[derive(Debug)]
struct Kept<T> {
    /// A random name that changes whenever the feed is emptied. It distinguishes the
    /// cursors of this feed from others.
    run: String,
    /// The number of the next item.
    next: u64,
    newest_first: VecDeque<T>,
}

/// The items after a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News<T> {
    /// The cursor for the next call.
    pub cursor: String,
    /// Whether the list has all items, because the cursor is too old or belongs to
    /// another feed.
    pub whole: bool,
    /// Numbers and items, newest first.
    pub items: Vec<(u64, T)>,
}

impl<T> Kept<T> {
    fn empty(next: u64) -> Self {
        Self {
            run: uuid::Uuid::new_v4().simple().to_string(),
            next,
            newest_first: VecDeque::new(),
        }
    }
}

impl<T> Default for Feed<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Kept::empty(0))))
    }
}

impl<T> Clone for Feed<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone> Feed<T> {
    /// All items, newest first. At most the last thousand are kept.
    pub fn all(&self) -> Vec<T> {
        self.kept().newest_first.iter().cloned().collect()
    }

    /// The items after `cursor`, which an earlier call returned.
    pub fn news(&self, cursor: Option<&str>) -> News<T> {
        let kept = self.kept();
        let count = kept.newest_first.len();
        let known = cursor
            .and_then(|cursor| cursor.split_once('.'))
            .filter(|(run, _)| *run == kept.run)
            .and_then(|(_, number)| kept.next.checked_sub(number.parse().ok()?))
            .and_then(|new| usize::try_from(new).ok())
            .filter(|new| *new <= count);
        let numbers = (0..kept.next).rev();
        let items = numbers.zip(kept.newest_first.iter().cloned());
        News {
            cursor: format!("{}.{}", kept.run, kept.next),
            whole: known.is_none(),
            items: items.take(known.unwrap_or(count)).collect(),
        }
    }

    /// The item with this number, if it is still kept.
    pub fn numbered(&self, number: u64) -> Option<T> {
        let kept = self.kept();
        let place = kept.next.checked_sub(number)?.checked_sub(1)?;
        kept.newest_first.get(usize::try_from(place).ok()?).cloned()
    }
}

impl<T> Feed<T> {
    pub fn clear(&self) {
        let mut kept = self.kept();
        *kept = Kept::empty(kept.next);
    }

    pub(crate) fn add(&self, item: T) {
        let mut kept = self.kept();
        kept.newest_first.push_front(item);
        kept.newest_first.truncate(MOST_KEPT);
        kept.next += 1;
    }

    /// The items. No change can panic half way, so a panic elsewhere leaves them
    /// complete.
    fn kept(&self) -> MutexGuard<'_, Kept<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn the_newest_message_comes_first_until_cleared() {
        let feed = Feed::default();
        feed.add(item("first"));
        feed.clone().add(item("second"));
        assert_eq!(feed.all(), ["second", "first"]);
        feed.clear();
        assert!(feed.all().is_empty());
    }

    #[test]
    fn a_long_run_keeps_the_last_thousand() {
        let feed = Feed::default();
        for n in 0..=MOST_KEPT {
            feed.add(item(&format!("item {n}")));
        }
        let items = feed.all();
        assert_eq!(items.len(), MOST_KEPT);
        assert_eq!(items.first().unwrap(), "item 1000");
        assert_eq!(items.last().unwrap(), "item 1");
    }

    #[test]
    fn a_cursor_brings_what_is_new_and_nothing_twice() {
        let feed = Feed::default();
        let texts = |news: &News<String>| -> Vec<(u64, String)> {
            let all = news.items.iter();
            all.map(|(number, one)| (*number, one.clone())).collect()
        };
        feed.add(item("a"));
        feed.add(item("b"));
        let first = feed.news(None);
        assert!(first.whole);
        assert_eq!(texts(&first), [(1, "b".to_owned()), (0, "a".to_owned())]);
        let none = feed.news(Some(&first.cursor));
        assert_eq!((none.whole, texts(&none)), (false, vec![]));
        assert_eq!(none.cursor, first.cursor);
        feed.add(item("c"));
        let one = feed.news(Some(&first.cursor));
        assert_eq!((one.whole, texts(&one)), (false, vec![(2, "c".to_owned())]));
        assert_eq!(feed.numbered(2).unwrap(), "c");
        assert_eq!(feed.numbered(0).unwrap(), "a");
        assert_eq!(feed.numbered(3), None);
    }

    #[test]
    fn a_cursor_that_says_nothing_here_brings_the_whole_feed() {
        let feed = Feed::default();
        feed.add(item("a"));
        let before = feed.news(None).cursor;
        let other = Feed::<String>::default().news(None).cursor;
        let run = before.split('.').next().unwrap().to_owned();
        for cursor in [
            "",
            "1",
            ".",
            &other,
            &format!("{run}.9"),
            &format!("{run}.-1"),
        ] {
            let news = feed.news(Some(cursor));
            assert!(news.whole && news.items.len() == 1, "{cursor}");
        }
        feed.clear();
        let emptied = feed.news(Some(&before));
        assert!(emptied.whole && emptied.items.is_empty());
        assert_eq!(feed.numbered(0), None);
        for n in 0..=MOST_KEPT {
            feed.add(item(&n.to_string()));
        }
        let late = feed.news(Some(&emptied.cursor));
        assert!(late.whole && late.items.len() == MOST_KEPT);
    }
}
