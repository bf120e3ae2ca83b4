using Microsoft.AspNetCore.Authentication.JwtBearer;

var builder = WebApplication.CreateBuilder(args);

builder.Services
    .AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
    .AddJwtBearer(options =>
    {
        options.Authority = builder.Configuration["Auth:Authority"];
        options.Audience = builder.Configuration["Auth:Audience"];
        // The claims keep the names that they have in the token.
        options.MapInboundClaims = false;
        // An ID token has the same issuer and keys. Only its type differs.
        options.TokenValidationParameters.ValidTypes = ["at+jwt"];
        // The API chooses the algorithms, not the token.
        options.TokenValidationParameters.ValidAlgorithms = ["RS256", "ES256"];
    });

builder.Services.AddAuthorization(options =>
    options.AddPolicy("read:sample", policy => policy.RequireAssertion(context =>
        // The token has the scopes in one claim, separated by spaces.
        context.User.FindFirst("scope")?.Value.Split(' ').Contains("read:sample") == true)));

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();

app.MapGet("/orders", (HttpContext context) => new
    {
        sub = context.User.FindFirst("sub")?.Value,
        client_id = context.User.FindFirst("client_id")?.Value,
        scope = context.User.FindFirst("scope")?.Value,
    })
    .RequireAuthorization("read:sample");

app.Run();
