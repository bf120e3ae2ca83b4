//! Writes the parts of the template that are derived from the routes: the API's routes,
//! how the API calls each function, and the stage's limits for the routes that send.

use countersign::routes::other_spellings::{OTHER_SPELLINGS, SpellingRoute};
use countersign::routes::{Function, ROUTES};

use crate::derived::between;

const ROUTE_MARKS: (&str, &str) = ("# ---- The routes", "# ---- Table and keys");
const ORDER_MARKS: (&str, &str) = ("# Settings of a route need the route.", "Properties:");
const LIMIT_MARKS: (&str, &str) = ("RouteSettings:", "AccessLogSettings:");

const SPELLINGS: &str =
    "  # ABP's and CodeMaze's paths in other spellings: API Gateway compares letter by letter.\n";

const CALLS: &str = "  # How the API calls each function, and that it may.\n";

/// A route of the API.
struct Route {
    function: Function,
    key: String,
    sends: bool,
}

impl Route {
    /// The route's name in the template: `GET /oauth/token` is `GetOauthToken`.
    fn name(&self) -> String {
        let (method, path) = self.key.split_once(' ').unwrap_or_default();
        let capital = path.contains(|letter: char| letter.is_ascii_uppercase());
        let path = match path.strip_suffix("{proxy+}") {
            Some(prefix) if capital => format!("{prefix}capital"),
            Some(prefix) => format!("{prefix}other"),
            None => path.to_owned(),
        };
        let whole = format!("{} {path}", method.to_ascii_lowercase());
        let words = whole.split(|letter: char| !letter.is_ascii_alphanumeric());
        words.map(capitalised).collect()
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Every route of the API: those of `ROUTES`, and those that pass other spellings on.
fn routes() -> Vec<Route> {
    let own = ROUTES.iter().map(|route| Route {
        function: route.function,
        key: format!("{} {}", route.method, route.path),
        sends: route.sends,
    });
    let spellings = OTHER_SPELLINGS.iter().map(
        |SpellingRoute {
             function,
             method,
             path,
         }| {
            let prefix = path.trim_end_matches("{proxy+}");
            let mut reached = ROUTES.iter().filter(|route| route.path.starts_with(prefix));
            Route {
                function: *function,
                key: format!("{method} {path}"),
                sends: reached.any(|route| route.sends && route.method == *method),
            }
        },
    );
    own.chain(spellings).collect()
}

/// The template with these routes.
pub fn with_routes(template: &str) -> Result<String, String> {
    let all = routes();
    let sending = || all.iter().filter(|route| route.sends);
    let (own, spellings) = all.split_at(ROUTES.len());
    let of = |routes: &[Route]| routes.iter().map(declared).collect::<String>();
    let serves = |function: &Function| ROUTES.iter().any(|route| route.function == *function);
    let serving = Function::ALL.into_iter().filter(serves);
    let called: String = serving.map(called).collect();
    let declared = format!(
        "\n{}{SPELLINGS}\n{}{CALLS}\n{called}",
        of(own),
        of(spellings)
    );
    let order: String = sending()
        .map(|route| format!("      - {}\n", route.name()))
        .collect();
    let limits = sending().map(|route| {
        format!(
            "        {}:\n          ThrottlingRateLimit: !Ref SendRateLimit\n          \
             ThrottlingBurstLimit: !Ref SendBurstLimit\n",
            route.key
        )
    });
    let text = between(template, ROUTE_MARKS, &declared)?;
    let order = format!("    DependsOn:\n{order}");
    let text = between(&text, ORDER_MARKS, &order)?;
    between(&text, LIMIT_MARKS, &limits.collect::<String>())
}

/// The word that the names of a function's resources begin with.
fn prefix(function: Function) -> String {
    function.name().split('-').map(capitalised).collect()
}

fn declared(route: &Route) -> String {
    format!(
        "  {}:\n    Type: AWS::ApiGatewayV2::Route\n    Properties:\n      ApiId: !Ref Api\n      \
         RouteKey: {}\n      Target: !Sub integrations/${{{}Integration}}\n\n",
        route.name(),
        route.key,
        prefix(route.function)
    )
}

/// The integration and the permission of a function.
fn called(function: Function) -> String {
    let name = prefix(function);
    format!(
        "  {name}Integration:\n    Type: AWS::ApiGatewayV2::Integration\n    Properties:\n      \
         ApiId: !Ref Api\n      IntegrationType: AWS_PROXY\n      \
         IntegrationUri: !GetAtt {name}Function.Arn\n      PayloadFormatVersion: '2.0'\n\n  \
         {name}Permission:\n    Type: AWS::Lambda::Permission\n    Properties:\n      \
         FunctionName: !Ref {name}Function\n      Action: lambda:InvokeFunction\n      \
         Principal: apigateway.amazonaws.com\n      SourceArn: !Sub \
         'arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/*'\n\n"
    )
}
