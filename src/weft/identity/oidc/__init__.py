"""Single sign-on by an OpenID Connect provider: authorization code with PKCE."""
