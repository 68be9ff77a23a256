//! Which source file of a crate uses names that another one defines.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::Visit;
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree};

/// The path of a module within its crate; the crate's root is empty.
type ModulePath = Vec<String>;

/// What a file defines, brings into scope and mentions, tests apart.
#[derive(Default)]
struct Module {
    file: PathBuf,
    defined: BTreeSet<String>,
    /// Names in scope by `use`, with the path that each stands for.
    imported: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    /// Paths that the code names, as they are written.
    mentioned: Vec<Vec<String>>,
}

/// The modules of one crate.
pub(crate) struct Crate {
    modules: BTreeMap<ModulePath, Module>,
}

impl Crate {
    /// Reads the crate whose root file is `root`.
    pub(crate) fn read(root: &Path) -> Self {
        let mut modules = BTreeMap::new();
        let folder = root.parent().expect("a file is in a folder");
        read(root, folder, &Vec::new(), &mut modules);
        Self { modules }
    }

    /// For each file, the other files whose definitions it uses.
    pub(crate) fn arrows(&self) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
        let mut arrows = BTreeMap::<PathBuf, BTreeSet<PathBuf>>::new();
        for (path, module) in &self.modules {
            let uses = module.imported.values().chain(&module.mentioned).chain(&module.globs);
            let files = uses.filter_map(|used| self.defining_file(path, used, 0));
            let others = files.filter(|file| *file != module.file);
            arrows.entry(module.file.clone()).or_default().extend(others);
        }
        arrows
    }

    /// The file that defines what `used` names in the module `at`, re-exports followed.
    fn defining_file(&self, at: &[String], used: &[String], depth: usize) -> Option<PathBuf> {
        if depth > 16 {
            return None;
        }
        let (mut here, rest) = self.anchor(at, used)?;
        for (index, name) in rest.iter().enumerate() {
            let module = &self.modules[&here];
            let mut child = here.clone();
            child.push(name.clone());
            if self.modules.contains_key(&child) {
                here = child;
                continue;
            }
            if module.defined.contains(name) {
                return Some(module.file.clone());
            }
            if let Some(target) = module.imported.get(name) {
                let whole: Vec<String> = target.iter().chain(&rest[index + 1..]).cloned().collect();
                return self.defining_file(&here, &whole, depth + 1);
            }
            return module.globs.iter().find_map(|glob| {
                let whole: Vec<String> = glob.iter().chain(&rest[index..]).cloned().collect();
                self.defining_file(&here, &whole, depth + 1)
            });
        }
        // The name of a module alone: a declaration or an alias, no use of what is in it.
        None
    }

    /// The module at which a path begins, and what is left of the path; none where it leads out of the crate.
    fn anchor<'a>(&self, at: &[String], used: &'a [String]) -> Option<(ModulePath, &'a [String])> {
        let mut here = at.to_vec();
        match used.first()?.as_str() {
            "crate" => Some((Vec::new(), &used[1..])),
            "self" => Some((here, &used[1..])),
            "super" => {
                let ups = used.iter().take_while(|name| *name == "super").count();
                here.truncate(here.len().checked_sub(ups)?);
                Some((here, &used[ups..]))
            }
            first => {
                let module = &self.modules[at];
                let mut child = here.clone();
                child.push(first.to_owned());
                let known = self.modules.contains_key(&child)
                    || (used.len() > 1 && module.imported.get(first).is_some_and(|path| path != used));
                known.then_some((here, used))
            }
        }
    }
}

fn read(file: &Path, folder: &Path, path: &ModulePath, modules: &mut BTreeMap<ModulePath, Module>) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    add(&syntax.items, file, folder, path, modules);
}

fn add(
    items: &[Item],
    file: &Path,
    folder: &Path,
    path: &ModulePath,
    modules: &mut BTreeMap<ModulePath, Module>,
) {
    let mut module = Module { file: file.to_owned(), ..Module::default() };
    for item in items {
        if !is_test(attributes(item)) {
            module.visit_item(item);
        }
    }
    modules.insert(path.clone(), module);
    for item in items {
        let Item::Mod(declared) = item else { continue };
        if is_test(&declared.attrs) {
            continue;
        }
        let name = declared.ident.to_string();
        let mut child = path.clone();
        child.push(name.clone());
        if let Some((_, items)) = &declared.content {
            add(items, file, &folder.join(&name), &child, modules);
        } else {
            let flat = folder.join(format!("{name}.rs"));
            let nested = folder.join(&name).join("mod.rs");
            read(if flat.is_file() { &flat } else { &nested }, &folder.join(&name), &child, modules);
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|ident| ident == "test")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast Item) {
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Macro(item) => item.ident.as_ref(),
            _ => None,
        };
        self.defined.extend(name.map(ToString::to_string));
        syn::visit::visit_item(self, item);
    }

    /// A module is read by itself.
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        import(self, &item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            self.mentioned.push(names);
        }
        syn::visit::visit_path(self, path);
    }
}

fn import(module: &mut Module, tree: &UseTree, before: &mut Vec<String>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            import(module, &path.tree, before);
            before.pop();
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            let mut whole = before.clone();
            if name == "self" {
                let name = before.last().cloned().unwrap_or_default();
                module.imported.insert(name, whole);
            } else {
                whole.push(name.clone());
                module.imported.insert(name, whole);
            }
        }
        UseTree::Rename(rename) => {
            let mut whole = before.clone();
            whole.push(rename.ident.to_string());
            module.imported.insert(rename.rename.to_string(), whole);
        }
        UseTree::Glob(_) => module.globs.push(before.clone()),
        UseTree::Group(group) => {
            for tree in &group.items {
                import(module, tree, before);
            }
        }
    }
}

/// The circles of a graph: sets of files each of which reaches all others of its set.
pub(crate) fn circles(arrows: &BTreeMap<PathBuf, BTreeSet<PathBuf>>) -> Vec<BTreeSet<&PathBuf>> {
    let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> =
        arrows.keys().map(|file| (file, reach(arrows, file))).collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        let circle: BTreeSet<&PathBuf> = others
            .iter()
            .copied()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(file)))
            .collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reach<'a>(arrows: &'a BTreeMap<PathBuf, BTreeSet<PathBuf>>, from: &PathBuf) -> BTreeSet<&'a PathBuf> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&PathBuf> = arrows.get(from).into_iter().flatten().collect();
    while let Some(file) = next.pop() {
        if found.insert(file) {
            next.extend(arrows.get(file).into_iter().flatten());
        }
    }
    found
}
