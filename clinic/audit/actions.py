"""What the audit log can say, in words of the form `thing.deed`."""

from __future__ import annotations

from django.db import models


class Action(models.TextChoices):
    """One deed, with what the audit page calls it."""

    LOGGED_IN = "login.done", "Logged in"
    LOGIN_FAILED = "login.failed", "Failed to log in"
    LOGGED_OUT = "login.ended", "Logged out"
    FACTOR_CHANGED = "login.factor_changed", "Changed the second factor"
    PASSWORD_CHANGED = "login.password_changed", "Changed the password"
    ACCOUNT_EDITED = "login.account_edited", "Changed their own names"
    ACCESS_DENIED = "access.denied", "Was refused"
    MANY_REFUSALS = "access.many_refusals", "Noticed many refusals"

    QUEUE_LISTED = "queue.listed", "Looked at the queue"
    SEARCHED = "conversation.searched", "Searched"
    CONVERSATION_SEEN = "conversation.seen", "Read a conversation"
    TAKEN_OVER = "conversation.taken_over", "Took a conversation over"
    GIVEN_BACK = "conversation.given_back", "Gave a conversation back"
    CLOSED = "conversation.closed", "Closed a conversation"
    REPLIED = "conversation.replied", "Answered a visitor"
    ASSIGNED = "conversation.assigned", "Changed the assignee"
    TAGGED = "conversation.tagged", "Changed the tags"
    JUDGED = "message.judged", "Judged what was understood"
    NOTE_WRITTEN = "note.written", "Wrote a note"
    NOTE_EDITED = "note.edited", "Edited a note"
    NOTE_DELETED = "note.deleted", "Deleted a note"
    HAND_OFF_CLAIMED = "hand_off.claimed", "Claimed a hand-off"
    HAND_OFF_RESOLVED = "hand_off.resolved", "Resolved a hand-off"

    BOOKINGS_LISTED = "booking.listed", "Looked at booking requests"
    BOOKING_SEEN = "booking.seen", "Read a booking request"
    BOOKING_CHANGED = "booking.changed", "Changed a booking request"

    DELIVERY_SETTLED = "delivery.settled", "Settled an undelivered alert"
    SIGNED_OFF = "wording.signed_off", "Signed off a wording"
    SIGN_OFF_WITHDRAWN = "wording.sign_off_withdrawn", "Withdrew a sign-off"
    PRACTICE_EDITED = "practice.edited", "Edited the clinic's settings"
    HOURS_EDITED = "practice.hours_edited", "Edited the opening hours"
    CANNED_REPLY_EDITED = "practice.canned_reply_edited", "Edited a canned reply"
    ALERTS_EDITED = "practice.alerts_edited", "Edited the alerts"
    LOOK_EDITED = "widget.look_edited", "Edited the chat's look"
    BOT_SWITCHED = "practice.bot_switched", "Switched the bot off or on"

    NUMBERS_SEEN = "numbers.seen", "Looked at the numbers"
    EXPORTED = "export.made", "Exported"
    AUDIT_READ = "audit.read", "Read the audit log"
    AUDIT_VERIFIED = "audit.verified", "Checked the audit log's chain"

    PERSON_EXPORTED = "privacy.person_exported", "Exported a person's data"
    PERSON_ERASED = "privacy.person_erased", "Erased a person's data"
    CONVERSATION_ERASED = "privacy.conversation_erased", "Erased a conversation"
    RETENTION_RUN = "privacy.retention_run", "Ran the retention"
    RETENTION_CHANGED = "privacy.retention_changed", "Changed the retention"
    HOLD_SET = "privacy.hold_set", "Set a legal hold"
    HOLD_LIFTED = "privacy.hold_lifted", "Lifted a legal hold"

    INVITED = "people.invited", "Invited somebody"
    INVITATION_WITHDRAWN = "people.invitation_withdrawn", "Withdrew an invitation"
    PASSWORD_LINK = "people.password_link", "Made a link for a new password"
    PASSWORD_SET = "people.password_set", "Set a password by a link"
    JOINED = "people.joined", "Accepted an invitation"
    ROLE_CHANGED = "people.role_changed", "Changed a role"
    ACCESS_ENDED = "people.access_ended", "Ended somebody's access"
    ACCESS_RESTORED = "people.access_restored", "Restored somebody's access"
    SESSIONS_ENDED = "people.sessions_ended", "Ended sessions"
    FACTOR_RESET = "people.factor_reset", "Reset somebody's second factor"
