from actions.action_update_contact import ActionUpdateContact
from tests.actions.helper import run_action


def test_it_passes_on_what_is_new_and_no_more() -> None:
    plan = {"route": "smalltalk", "intents": [""], "reason": "contact"}
    context = {"readings": {"phones": ["+19165550100", "+19165550199"], "emails": []}}
    effects, responses = run_action(ActionUpdateContact(), plan, context)
    assert effects == [{"type": "contact", "update": True, "phone": "+19165550199"}]
    assert responses == ["utter_contact_updated"]
