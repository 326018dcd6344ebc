"""Texts of the consent and refusal pages, French and English. HubSpot's wording is imitated, not quoted."""

_TEXTS = {
    "fr": {
        "title": "Connecter {app} à HubSpot",
        "lead": "{app} demande l’accès à votre compte HubSpot.",
        "account": "Compte HubSpot",
        "scopes": "Cette application pourra :",
        "approve": "Connecter l’application",
        "deny": "Annuler",
        "note": "En connectant l’application, vous autorisez {host} à utiliser ces données.",
        "refusal_title": "Impossible d’établir la connexion",
        "back": "Retour à l’accueil",
    },
    "en": {
        "title": "Connect {app} to HubSpot",
        "lead": "{app} is requesting access to your HubSpot account.",
        "account": "HubSpot account",
        "scopes": "This app will be able to:",
        "approve": "Connect app",
        "deny": "Cancel",
        "note": "By connecting the app you allow {host} to use this data.",
        "refusal_title": "Couldn't complete the connection",
        "back": "Back to the start",
    },
}
_REFUSALS = {
    "client_unknown": (
        "L’identifiant client de l’URL d’installation ne correspond à aucune application.",
        "The client ID in the install URL matches no app.",
    ),
    "redirect_mismatch": (
        "L’URL de redirection ne correspond à aucune de celles que l’application a déclarées.",
        "The redirect URL doesn't match any of those registered for the app.",
    ),
    "scope_mismatch": (
        "L’autorisation a échoué : les portées de l’URL d’installation ne correspondent pas à celles "
        "configurées pour l’application. Veuillez contacter son développeur.",
        "Authorization failed because there is a mismatch between the scopes in the install URL and the "
        "app's configured scopes. Please contact the app developer.",
    ),
    "feature_missing": (
        "Ce compte n’a pas accès à certaines fonctionnalités HubSpot requises par cette application. "
        "Veuillez contacter son développeur.",
        "This account doesn't have access to some HubSpot features that are required by this app. Please "
        "contact the app developer.",
    ),
    "bad_parameter": (
        "L’URL d’installation contient un paramètre inconnu ou incorrect.",
        "The install URL holds an unknown or wrong parameter.",
    ),
    "no_rights": (
        "Vous n’avez pas l’autorisation d’installer des applications dans ce compte.",
        "You do not have permission to install apps in this account.",
    ),
    "wrong_portal": (
        "Vous n’avez pas accès à ce compte HubSpot.",
        "You don't have access to this HubSpot account.",
    ),
    "not_mapped": (
        "Le bac à sable ne connaît pas d’adresse locale pour cette URL de redirection.",
        "The sandbox knows no loopback address for this redirect URL.",
    ),
}
_SCOPES = {
    "oauth": ("Voir les informations de base du compte", "View basic account information"),
    "timeline": ("Créer des évènements d’historique", "Create timeline events"),
    "automation": ("Utiliser les workflows", "Use workflows"),
    "crm.objects.contacts.read": ("Voir les contacts", "View contacts"),
    "crm.objects.contacts.write": ("Créer, modifier et supprimer des contacts", "Edit and delete contacts"),
    "crm.objects.companies.read": ("Voir les entreprises", "View companies"),
    "crm.objects.companies.write": ("Modifier les entreprises", "Edit companies"),
    "crm.objects.deals.read": ("Voir les transactions", "View deals"),
    "crm.objects.deals.write": ("Modifier les transactions", "Edit deals"),
    "crm.lists.read": ("Voir les listes", "View lists"),
    "crm.objects.owners.read": ("Voir les propriétaires", "View owners"),
    "crm.schemas.contacts.read": ("Voir les propriétés des contacts", "View properties of contacts"),
    "crm.schemas.contacts.write": ("Gérer les propriétés des contacts", "Manage properties of contacts"),
    "crm.schemas.companies.read": ("Voir les propriétés des entreprises", "View properties of companies"),
    "crm.schemas.companies.write": ("Gérer les propriétés des entreprises", "Manage properties of companies"),
    "crm.schemas.deals.read": ("Voir les propriétés des transactions", "View properties of deals"),
    "crm.schemas.deals.write": ("Gérer les propriétés des transactions", "Manage properties of deals"),
}


def texts(language: str) -> dict[str, str]:
    """The pages' texts; `{app}` and `{host}` are filled in by the templates."""
    return _TEXTS[language]


def refusal_text(code: str, language: str) -> str:
    """The text that says why the installation stopped."""
    return _REFUSALS[code][language == "en"]


def scope_text(scope: str, language: str) -> str:
    """The text for a scope; a scope without a text is shown by its name."""
    return _SCOPES.get(scope, (scope, scope))[language == "en"]
