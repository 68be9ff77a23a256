//! Finding any of thousands of secrets in one pass.

use std::collections::HashMap;
use std::ops::Range;

use super::decoder::{Decoder, Encoding};
use super::forms::{Alphabet, Edges, Form, forms};

/// Secrets shorter than this are none: they would be found everywhere.
pub(super) const SHORTEST: usize = 4;

/// A form that is looked for, and the secret that it is a form of.
struct Needle {
    form: Vec<u8>,
    edges: Edges,
    secret: usize,
}

/// All needles, by the alphabet and the first bytes.
#[derive(Default)]
pub(super) struct Index {
    shelves: [Shelf; 3],
    /// The most bytes of text that any needle may take: every byte of a form as `\u00XX`, thrice for `%XX`.
    reach: usize,
}

#[derive(Default)]
struct Shelf {
    needles: Vec<Needle>,
    pairs: Pairs,
    by_prefix: HashMap<Prefix, Vec<usize>>,
}

/// Where a secret stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) place: Range<usize>,
    pub(super) secret: usize,
    weight: usize,
}

impl Index {
    /// Adds every form of a secret of at least [`SHORTEST`] bytes.
    pub(super) fn add(&mut self, value: &str, secret: usize) {
        for Form { alphabet, bytes: form, edges } in forms(value.as_bytes()) {
            let Some(prefix) = form.first_chunk::<SHORTEST>().copied() else { continue };
            self.reach = self.reach.max(form.len() * 18);
            let own = &mut self.shelves[alphabet as usize];
            own.pairs.add(prefix);
            own.by_prefix.entry(prefix).or_default().push(own.needles.len());
            own.needles.push(Needle { form, edges, secret });
        }
    }

    /// The most bytes of text that any form of a secret takes.
    pub(super) fn reach(&self) -> usize {
        self.reach
    }

    /// The places of all secrets in order; those that overlap are one place, named after the longest of them.
    pub(super) fn find(&self, text: &str) -> Vec<Hit> {
        let mut found: Vec<Hit> = Vec::new();
        let bytes = text.as_bytes();
        let mut escapes = [Ahead::new(b'%'), Ahead::new(b'\\')];
        for at in 0..bytes.len() {
            let [percent, json] = escapes.each_mut().map(|ahead| ahead.within(bytes, at, self.reach));
            let encodings = [
                Some(Encoding::Raw),
                percent.then_some(Encoding::Percent),
                json.then_some(Encoding::Json),
                json.then_some(Encoding::PercentInJson),
            ];
            for encoding in encodings.into_iter().flatten() {
                let mut decoder = Decoder::new(bytes, at, encoding);
                let Some(start) = prefix(&mut decoder) else { continue };
                let hits = Alphabet::ALL.map(|alphabet| self.longest_after(decoder, start, alphabet));
                for (end, needle) in hits.into_iter().flatten() {
                    let place = with_edges(bytes, at..end, needle.edges);
                    add(&mut found, Hit { place, secret: needle.secret, weight: needle.form.len() });
                }
            }
        }
        found
    }

    /// The longest form that begins with `start` and goes on with what the decoder shows, and where it ends in the text.
    fn longest_after(
        &self,
        decoder: Decoder<'_>,
        start: Prefix,
        alphabet: Alphabet,
    ) -> Option<(usize, &Needle)> {
        let own = &self.shelves[alphabet as usize];
        let start = start.map(|byte| alphabet.fold(byte));
        if !own.pairs.has(start) {
            return None;
        }
        let candidates = own.by_prefix.get(&start)?.iter().map(|index| &own.needles[*index]);
        let same = |needle: &Needle| {
            let mut rest = decoder;
            let same = |want: &u8| rest.next().map(|byte| alphabet.fold(byte)) == Some(*want);
            needle.form[SHORTEST..].iter().all(same).then(|| rest.end())
        };
        candidates
            .filter_map(|needle| Some((same(needle)?, needle)))
            .max_by_key(|(_, needle)| needle.form.len())
    }
}

/// The first bytes of a form.
type Prefix = [u8; SHORTEST];

fn prefix(decoder: &mut Decoder<'_>) -> Option<Prefix> {
    Some([decoder.next()?, decoder.next()?, decoder.next()?, decoder.next()?])
}

/// Which pairs of bytes any prefix begins with: most places of a text are passed over after one look here.
struct Pairs(Vec<u64>);

impl Default for Pairs {
    fn default() -> Pairs {
        Pairs(vec![0; 1 << 10])
    }
}

impl Pairs {
    fn place([first, second, ..]: Prefix) -> (usize, u64) {
        let pair = usize::from(first) << 8 | usize::from(second);
        (pair >> 6, 1 << (pair & 63))
    }

    fn add(&mut self, prefix: Prefix) {
        let (word, bit) = Pairs::place(prefix);
        self.0[word] |= bit;
    }

    fn has(&self, prefix: Prefix) -> bool {
        let (word, bit) = Pairs::place(prefix);
        self.0[word] & bit != 0
    }
}

/// The place with the neighbouring signs that hold bits of the secret. A sign that is written as an escape stays.
fn with_edges(text: &[u8], place: Range<usize>, edges: Edges) -> Range<usize> {
    let is_sign =
        |at: usize| text.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte));
    let start = place.start.checked_sub(1).filter(|before| edges.before && is_sign(*before));
    let end = if edges.behind && is_sign(place.end) { place.end + 1 } else { place.end };
    start.unwrap_or(place.start)..end
}

/// Adds a hit that begins no earlier than those found so far, or one sign before.
fn add(found: &mut Vec<Hit>, hit: Hit) {
    match found.last_mut() {
        Some(last) if hit.place.start < last.place.end => {
            let end = last.place.end.max(hit.place.end);
            if hit.weight > last.weight {
                last.secret = hit.secret;
                last.weight = hit.weight;
            }
            last.place.end = end;
            last.place.start = last.place.start.min(hit.place.start);
        }
        _ => found.push(hit),
    }
}

/// Whether a certain byte stands a little way ahead: where it does not, its encoding need not be taken off.
struct Ahead {
    byte: u8,
    next: Option<usize>,
}

impl Ahead {
    fn new(byte: u8) -> Ahead {
        Ahead { byte, next: Some(0) }
    }

    fn within(&mut self, text: &[u8], at: usize, reach: usize) -> bool {
        if let Some(next) = self.next
            && (next < at || text[next] != self.byte)
        {
            self.next = text[at..].iter().position(|byte| *byte == self.byte).map(|step| at + step);
        }
        self.next.is_some_and(|next| next - at <= reach)
    }
}
