//! Lines of text, indented, wrapped and painted.

use tabled::{
    Table,
    builder::Builder,
    settings::{Alignment, Style as Lines, object::Columns, style::HorizontalLine},
};

use super::style::{Style, Tone};
use crate::{
    facts::{Fact, Flow, LABEL_WIDTH},
    text::{excerpt, one_line, wrapped},
};
use uptake_outcome::{RuleResult, text::count};

const ITEM: usize = 2;
const FACT: usize = 4;

/// The most lines of a response.
const EXCERPT: usize = 4;

/// A page that grows from top to bottom.
pub(super) struct Page {
    style: Style,
    text: String,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self { style, text: String::new() }
    }

    pub(super) fn style(&self) -> Style {
        self.style
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    /// An empty line, but never two.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// One line as it is.
    pub(super) fn raw(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A table.
    pub(super) fn table(&mut self, table: &Table) {
        self.gap();
        for line in table.to_string().lines() {
            self.raw(line.trim_end());
        }
    }

    /// A table of figures: a heading, then rows that begin with what they are about.
    pub(super) fn figures(&mut self, records: &[Vec<String>]) {
        let mut table = Builder::from_iter(records).build();
        table
            .with(Lines::empty().horizontals([(1, HorizontalLine::new('─'))]))
            .modify(Columns::new(1..), Alignment::right());
        self.table(&table);
    }

    /// One line in bold, however long: whoever wants the last line of a log wants all of it.
    pub(super) fn strong(&mut self, tone: Tone, text: &str) {
        self.raw(&self.style.paint_strong(tone, text));
    }

    /// A paragraph.
    pub(super) fn broken(&mut self, text: &str) {
        for line in wrapped(text, self.style.width()) {
            self.raw(&line);
        }
    }

    /// The title of a section.
    pub(super) fn section(&mut self, tone: Tone, title: &str) {
        self.gap();
        self.strong(tone, title);
    }

    /// A paragraph inside a section.
    pub(super) fn item(&mut self, text: &str) {
        self.hanging(ITEM, "", "", text);
    }

    /// A paragraph under an item.
    pub(super) fn detail(&mut self, text: &str) {
        self.hanging(FACT, "", "", text);
    }

    /// A rule inside a section: id, level, and what is to be said of it.
    pub(super) fn rule(&mut self, tone: Tone, rule: &RuleResult, text: &str) {
        let id = one_line(&rule.id);
        let head = format!("{id}  {}  ", rule.level);
        let painted = format!("{}  {}  ", self.style.paint_strong(tone, &id), rule.level);
        self.hanging(ITEM, &head, &painted, text);
    }

    /// A labelled fact under an item.
    pub(super) fn fact(&mut self, fact: &Fact) {
        let head = format!("{:LABEL_WIDTH$}  ", fact.label);
        let painted = self.style.paint(Tone::Quiet, &head);
        match fact.flow {
            Flow::Broken => self.hanging(FACT, &head, &painted, &fact.text),
            Flow::Clipped => self.excerpt(&head, &painted, &fact.text),
            // To be copied as it stands: what an indentation would do to quoted lines is anybody's guess.
            Flow::Whole if fact.text.contains('\n') => {
                self.raw(format!("{:FACT$}{painted}", "").trim_end());
                self.raw(&fact.text);
            }
            Flow::Whole => self.raw(&format!("{:FACT$}{painted}{}", "", fact.text)),
        }
    }

    /// The beginning of a long text, and where the rest is.
    fn excerpt(&mut self, head: &str, painted: &str, text: &str) {
        let hang = FACT + head.chars().count();
        let room = self.style.width().saturating_sub(hang).max(20);
        let (lines, left_out) = excerpt(text, room, EXCERPT);
        for (index, line) in lines.into_iter().enumerate() {
            if index == 0 {
                self.raw(format!("{:FACT$}{painted}{line}", "").trim_end());
            } else {
                self.raw(&format!("{:hang$}{line}", ""));
            }
        }
        if left_out > 0 {
            let rest = format!("… {} more: see --report html=FILE", count(left_out, "character"));
            self.hanging(hang, "", "", &rest);
        }
    }

    /// Facts under an item.
    pub(super) fn facts(&mut self, facts: &[Fact]) {
        for fact in facts {
            self.fact(fact);
        }
    }

    /// Rule ids, as many on a line as there is room for.
    pub(super) fn ids<'a>(&mut self, rules: impl IntoIterator<Item = &'a RuleResult>) {
        let ids: Vec<String> = rules.into_iter().map(|rule| one_line(&rule.id)).collect();
        self.hanging(FACT, "", "", &ids.join(" "));
    }

    fn hanging(&mut self, indent: usize, head: &str, painted: &str, text: &str) {
        let hang = indent + head.chars().count();
        let room = self.style.width().saturating_sub(hang).max(20);
        for (index, line) in wrapped(text, room).into_iter().enumerate() {
            if index == 0 {
                self.raw(format!("{:indent$}{painted}{line}", "").trim_end());
            } else {
                self.raw(&format!("{:hang$}{line}", ""));
            }
        }
    }
}
