"""The words of the simulator's pages, in French and English, and how dates and numbers are written there."""

from datetime import datetime

from sandbox.smsfactor_sim.wire import PARIS

LANGUAGES = ("fr", "en")

TEXTS: dict[str, dict[str, str]] = {
    "fr": {
        "sandbox": "Bac à sable",
        "platform": "Plateforme",
        "handsets": "Téléphones",
        "platform.intro": "La passerelle SMS simulée : aucun SMS ne part réellement.",
        "account": "Compte",
        "account.id": "N° client",
        "account.email": "E-mail",
        "credits.prepaid": "crédits restants",
        "credits.postpaid": "crédits consommés ce mois-ci",
        "token": "Jeton API",
        "token.help": "À coller dans les paramètres de l’application HubSpot pour relier ce compte.",
        "copy": "Copier",
        "copied": "Copié",
        "campaigns": "Campagnes",
        "campaigns.none": "Aucune campagne pour l’instant.",
        "campaigns.none.help": "Les SMS envoyés depuis HubSpot apparaîtront ici.",
        "date": "Date",
        "message": "Message",
        "sender": "Expéditeur",
        "type": "Type",
        "type.alert": "Alerte",
        "type.marketing": "Marketing",
        "recipients": "Destinataires",
        "delivery": "Remis",
        "percent": "{n}\u202f%",
        "cost": "Coût",
        "state": "État",
        "default_sender": "par défaut",
        "state.Waiting": "Programmée",
        "state.Sending": "En cours",
        "state.Sent": "Envoyée",
        "state.Moderation": "En modération",
        "state.Canceled": "Annulée",
        "report": "Rapport de campagne",
        "report.back": "Toutes les campagnes",
        "report.unknown": "Cette campagne n’existe pas",
        "report.unknown.help": "Son numéro est peut-être erroné, ou le bac à sable a été relancé depuis.",
        "report.created": "Créée le",
        "report.leaves": "Départ",
        "tile.total": "Destinataires",
        "tile.delivered": "Remis",
        "tile.pending": "En cours",
        "tile.failed": "Échecs",
        "tile.clicks": "Clics",
        "tile.replies": "Réponses",
        "tile.stops": "STOP",
        "number": "Numéro",
        "detail": "Détail",
        "received_at": "Accusé reçu à",
        "status.waiting": "En attente",
        "status.sent": "En acheminement",
        "status.delivered": "Remis",
        "status.undelivered": "Non remis",
        "status.moderation": "En modération",
        "status.denied": "Refusé",
        "status.not_sent": "Annulé",
        "status.stop": "Désinscrit",
        "handsets.intro": "Ce que voient les destinataires, le plus récent d’abord. Répondez, ouvrez les liens.",
        "handsets.none": "Aucun téléphone n’a encore reçu de SMS.",
        "handsets.none.help": "Envoyez un SMS depuis une fiche HubSpot : le téléphone du destinataire s’allumera ici.",
        "phone.messages": "{n} messages",
        "phone.message": "1 message",
        "phone.not_delivered": "{n} SMS non remis à ce numéro",
        "phone.empty": "Aucun message",
        "segments": "{n} SMS",
        "answer.text": "Répondre par SMS",
        "answer.send": "Envoyer la réponse",
        "answer.custom": "« {sender} » ne reçoit pas de réponse. Un STOP part au numéro court de la mention.",
        "answer.refused": "Rien n’est parti de ce téléphone : le simulateur a refusé. Rechargez la page et réessayez.",
        "tap.person": "Ouvrir",
        "tap.robot": "Robot d’aperçu",
        "tap.robot.short": "Robot",
        "tap.robot.help": "Un robot lit le lien avant la personne : clic sans marque, ni modèle, ni système",
        "tap.device": "Ouvrir les liens avec",
        "tap.click": "1 clic",
        "tap.clicks": "{n} clics",
        "today": "Aujourd’hui",
        "offline": "Le simulateur ne répond plus. Nouvel essai en cours…",
    },
    "en": {
        "sandbox": "Sandbox",
        "platform": "Platform",
        "handsets": "Handsets",
        "platform.intro": "The simulated SMS gateway: no SMS really leaves.",
        "account": "Account",
        "account.id": "Client no.",
        "account.email": "E-mail",
        "credits.prepaid": "credits left",
        "credits.postpaid": "credits used this month",
        "token": "API token",
        "token.help": "Paste it into the settings of the HubSpot app to link this account.",
        "copy": "Copy",
        "copied": "Copied",
        "campaigns": "Campaigns",
        "campaigns.none": "No campaign yet.",
        "campaigns.none.help": "SMS sent from HubSpot will show here.",
        "date": "Date",
        "message": "Message",
        "sender": "Sender",
        "type": "Type",
        "type.alert": "Alert",
        "type.marketing": "Marketing",
        "recipients": "Recipients",
        "delivery": "Delivered",
        "percent": "{n}%",
        "cost": "Cost",
        "state": "State",
        "default_sender": "default",
        "state.Waiting": "Scheduled",
        "state.Sending": "Sending",
        "state.Sent": "Sent",
        "state.Moderation": "In moderation",
        "state.Canceled": "Cancelled",
        "report": "Campaign report",
        "report.back": "All campaigns",
        "report.unknown": "There is no such campaign",
        "report.unknown.help": "Its number may be wrong, or the sandbox was restarted since.",
        "report.created": "Created",
        "report.leaves": "Leaves",
        "tile.total": "Recipients",
        "tile.delivered": "Delivered",
        "tile.pending": "On their way",
        "tile.failed": "Failed",
        "tile.clicks": "Clicks",
        "tile.replies": "Replies",
        "tile.stops": "STOP",
        "number": "Number",
        "detail": "Detail",
        "received_at": "Receipt at",
        "status.waiting": "Waiting",
        "status.sent": "On its way",
        "status.delivered": "Delivered",
        "status.undelivered": "Not delivered",
        "status.moderation": "In moderation",
        "status.denied": "Refused",
        "status.not_sent": "Cancelled",
        "status.stop": "Opted out",
        "handsets.intro": "What the recipients see, newest first. Answer, open links.",
        "handsets.none": "No handset has received an SMS yet.",
        "handsets.none.help": "Send an SMS from a HubSpot record: the recipient's handset will light up here.",
        "phone.messages": "{n} messages",
        "phone.message": "1 message",
        "phone.not_delivered": "{n} SMS not delivered to this number",
        "phone.empty": "No messages",
        "segments": "{n} SMS",
        "answer.text": "Answer by SMS",
        "answer.send": "Send the answer",
        "answer.custom": "“{sender}” receives no answers. A STOP goes to the short code of the mention.",
        "answer.refused": "Nothing has left this handset: the simulator refused. Reload the page and try again.",
        "tap.person": "Open",
        "tap.robot": "Preview robot",
        "tap.robot.short": "Robot",
        "tap.robot.help": "A robot reads the link before the person: a click without brand, model or system",
        "tap.device": "Open links with",
        "tap.click": "1 click",
        "tap.clicks": "{n} clicks",
        "today": "Today",
        "offline": "The simulator does not answer. Trying again…",
    },
}

_MONTHS = {
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


def clock_time(instant: datetime) -> str:
    """Hours and minutes, Paris."""
    return instant.astimezone(PARIS).strftime("%H:%M")


def day(instant: datetime, now: datetime, language: str) -> str:
    """The Paris day in words: "today", or "23 nov."; with the year when it is another one."""
    local, today = instant.astimezone(PARIS), now.astimezone(PARIS)
    if local.date() == today.date():
        return TEXTS[language]["today"]
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local.day} {_MONTHS[language][local.month - 1]}{year}"


def day_and_time(instant: datetime, now: datetime, language: str) -> str:
    """Day and time, Paris."""
    return f"{day(instant, now, language)}, {clock_time(instant)}"


def spaced_number(number: str) -> str:
    """A number as people write it: +33 6 12 34 56 78; other countries in groups of three."""
    if number.startswith("33") and len(number) == 11:
        return f"+33 {number[2]} " + " ".join(number[start : start + 2] for start in range(3, 11, 2))
    return f"+{number[:2]} " + " ".join(number[start : start + 3] for start in range(2, len(number), 3))


def spaced_count(count: int, language: str) -> str:
    """A whole number with the language's thousands separator (a narrow no-break space in French)."""
    return f"{count:,}".replace(",", "\u202f" if language == "fr" else ",")
