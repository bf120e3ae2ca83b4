//! The words that an attacker who knows an account tries first as its password.

use crate::accounts::user::User;

impl User {
    /// The words of this user's account, and of the product that the password is for.
    pub fn guessable_words<'a>(&'a self, product: &'a str) -> Vec<&'a str> {
        let email = self.email.as_deref();
        let parts = email.and_then(|email| email.split_once('@'));
        let parts = parts
            .into_iter()
            .flat_map(|(local, domain)| [local, domain]);
        let given = [
            email,
            self.given_name.as_deref(),
            self.family_name.as_deref(),
        ];
        [self.user_name.as_str(), product]
            .into_iter()
            .chain(product.split_whitespace())
            .chain(given.into_iter().flatten())
            .chain(parts)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::accounts::user::User;
    use crate::id::UserId;

    #[test]
    fn the_names_the_address_and_its_parts_and_the_words_of_the_product_are_guessable() {
        let plain = || User::plain(UserId::from_bytes([1; 16]));
        let ann = User {
            user_name: "annie".into(),
            email: Some("ann@example.com".into()),
            given_name: Some("Ann".into()),
            family_name: Some("Lee".into()),
            ..plain()
        };
        let words = "annie,Big Shop,Big,Shop,ann@example.com,Ann,Lee,ann,example.com";
        for (user, product, words) in [
            (ann, "Big Shop", words),
            (plain(), "Shop", "user,Shop,Shop"),
        ] {
            assert_eq!(user.guessable_words(product).join(","), words);
        }
    }
}
