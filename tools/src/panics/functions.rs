//! Which functions the library has, and whether each was compiled: those that are generic, for some type.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

/// A function of the source.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Function {
    /// The module that it stands in.
    module: Vec<String>,
    /// The type, and the trait, of the `impl` that it stands in.
    owner: Option<String>,
    of_trait: Option<String>,
    name: String,
}

impl Function {
    /// All of them in a source in which the macros are expanded, but for those that `derive` wrote.
    pub(super) fn all(expanded: &str) -> BTreeSet<Self> {
        let file = syn::parse_file(expanded).expect("expanded source");
        let mut finder = Finder { module: vec!["mediawire".to_owned()], found: BTreeSet::new() };
        finder.visit_file(&file);
        finder.found
    }

    /// A symbol of it is among `symbols`, which are grouped by [`last_name`].
    pub(super) fn is_compiled(&self, symbols: &BTreeMap<String, Vec<&str>>) -> bool {
        symbols.get(&self.name).into_iter().flatten().any(|symbol| {
            let (Some(owner), of_trait) = (&self.owner, &self.of_trait) else {
                let of_trait = self.of_trait.as_ref();
                return match of_trait {
                    Some(name) => has_word(symbol, name),
                    None => symbol.starts_with(&self.module.join("::")),
                };
            };
            has_word(symbol, owner) && of_trait.as_ref().is_none_or(|name| has_word(symbol, name))
        })
    }

    pub(super) fn describe(&self) -> String {
        let owner = self.owner.as_deref().unwrap_or_default();
        let of_trait = self.of_trait.as_deref().unwrap_or_default();
        format!("{} <{owner} as {of_trait}>::{}", self.module.join("::"), self.name)
    }
}

/// The name of a symbol's function, without its parameters: what its closures are in, too.
pub(super) fn last_name(symbol: &str) -> Option<&str> {
    let mut rest = symbol;
    // What is in a function: `name::{closure#0}`.
    while rest.ends_with('}') {
        rest = &rest[..rest.rfind("::{")?];
    }
    // Parameters at the end: `name::<…>`.
    if rest.ends_with('>') {
        let mut depth = 0;
        let (start, _) = rest.bytes().enumerate().rev().find(|&(at, byte)| {
            match byte {
                b'>' if at > 0 && rest.as_bytes()[at - 1] == b'-' => {}
                b'>' => depth += 1,
                b'<' => depth -= 1,
                _ => {}
            }
            depth == 0
        })?;
        rest = rest[..start].strip_suffix("::")?;
    }
    rest.rsplit("::").next()
}

/// `symbol` has this identifier as a whole.
fn has_word(symbol: &str, word: &str) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    symbol.match_indices(word).any(|(at, _)| {
        let bytes = symbol.as_bytes();
        !is_part(at.checked_sub(1).and_then(|at| bytes.get(at)))
            && !is_part(bytes.get(at + word.len()))
    })
}

struct Finder {
    module: Vec<String>,
    found: BTreeSet<Function>,
}

impl Finder {
    fn add(&mut self, owner: Option<String>, of_trait: Option<String>, name: &syn::Ident) {
        let (module, name) = (self.module.clone(), name.to_string());
        self.found.insert(Function { module, owner, of_trait, name });
    }
}

impl<'s> Visit<'s> for Finder {
    fn visit_item_mod(&mut self, item: &'s syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_fn(&mut self, item: &'s syn::ItemFn) {
        self.add(None, None, &item.sig.ident);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'s syn::ItemImpl) {
        if item.attrs.iter().any(|attribute| attribute.path().is_ident("automatically_derived")) {
            return;
        }
        let of_trait = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
        let of_trait = of_trait.map(|segment| segment.ident.to_string());
        let owner = owner(&item.self_ty).filter(|owner| {
            // `impl<T> Trait for &T`: no name of its own.
            !item.generics.type_params().any(|parameter| parameter.ident == owner)
        });
        for part in &item.items {
            if let syn::ImplItem::Fn(function) = part {
                self.add(owner.clone(), of_trait.clone(), &function.sig.ident);
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_item_trait(&mut self, item: &'s syn::ItemTrait) {
        for part in &item.items {
            if let syn::TraitItem::Fn(function) = part
                && function.default.is_some()
            {
                self.add(None, Some(item.ident.to_string()), &function.sig.ident);
            }
        }
        visit::visit_item_trait(self, item);
    }
}

/// The last name of a type.
fn owner(of: &syn::Type) -> Option<String> {
    match of {
        syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        syn::Type::Reference(reference) => owner(&reference.elem),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_and_told_by_their_symbols() {
        let source = "mod a {
            pub struct View<'a>(&'a [u8]);
            impl<'a> View<'a> {
                pub fn plain(&self) {}
                pub fn get<T: Kind>(&self) {}
                pub fn each(&self, of: &mut impl FnMut(u8)) {}
            }
            impl<const N: usize> Encode for List<N> { fn write(&self) {} }
            pub trait Kind { fn own(&self); fn given(&self) {} }
            #[automatically_derived]
            impl<T: Clone> Clone for Holder<T> { fn clone(&self) {} }
            fn free<T>() {}
        }";
        let found = Function::all(source);
        let names: Vec<_> = found.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["free", "given", "write", "each", "get", "plain"]);
        let symbols = [
            "mediawire::a::free::<u8>",
            "<mediawire::a::X as mediawire::a::Kind>::given",
            "<mediawire::a::List<4> as mediawire::encode::Encode>::write",
            "<mediawire::a::View>::each::<<b::c>::d::{closure#0}>",
            "<mediawire::a::View>::get::<fn(u8) -> u8>",
            "<mediawire::a::View>::plain",
        ];
        let names = symbols.map(last_name);
        assert_eq!(names, ["free", "given", "write", "each", "get", "plain"].map(Some));
        for (function, symbol) in found.iter().zip(symbols) {
            for (name, other) in names.iter().zip(symbols) {
                let map = BTreeMap::from([(name.unwrap().to_owned(), vec![other])]);
                assert_eq!(function.is_compiled(&map), symbol == other, "{function:?} {other}");
            }
        }
    }
}
