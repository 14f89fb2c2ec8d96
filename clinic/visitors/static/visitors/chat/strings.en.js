/**
 * Every text that the chat box itself shows. What the bot and the clinic say comes from the visitor API.
 * `{name}` stands for a value that the box fills in.
 */
export const strings = {
  open: "Questions? Chat with us",
  openUnread: "Questions? Chat with us. New messages: {count}",
  title: "{clinic}",
  subtitleBot: "Automated assistant",
  subtitleWaiting: "Our staff have your message",
  subtitleStaff: "You are talking with our staff",
  subtitleStaffNamed: "You are talking with {name} from the clinic",
  subtitleClosed: "This conversation has ended",
  close: "Close chat",
  startOver: "Start over",
  startOverQuestion: "Start a new conversation? This one will no longer show here.",
  startOverYes: "Start over",
  startOverNo: "Keep this one",
  log: "Conversation",
  topics: "Suggestions",
  always: "Always here",
  talkToPerson: "Talk to a person",
  talkToPersonMessage: "I would like to talk to a person",
  book: "Book a visit",
  bookMessage: "I would like to book a visit",
  box: "Your message",
  placeholder: "Type your message",
  send: "Send",
  emptyMessage: "Please type your question first.",
  you: "You",
  bot: "Assistant",
  staff: "Clinic staff",
  staffNamed: "{name} from the clinic",
  system: "Notice",
  sources: "Where this comes from",
  source: "{document}: {passage}",
  labelPending: "Taken from the product label. A clinician has not signed off this wording yet.",
  sending: "Sending",
  sent: "Sent",
  waitingForLine: "Will be sent when you are back online",
  notSent: "Not sent.",
  retry: "Try again",
  typing: "The assistant is typing",
  typingStaff: "Our staff are typing",
  typingStaffNamed: "{name} is typing",
  ended: "This conversation has ended. You can start a new one; what you have typed stays in the box.",
  startNew: "Start a new conversation",
  offline: "You are offline. What you write is sent when you are back.",
  online: "Back online.",
  reconnecting: "The connection is slow. Trying again.",
  cannotStart: "The chat cannot be reached right now. It keeps trying.",
  cannotStartPhone: "The chat cannot be reached right now. It keeps trying. You can also call {phone}.",
  newConversation: "New conversation started.",
  unknownProblem: "That did not work. Please try again.",
};

/**
 * Fill the `{name}` places of a text.
 * @param {string} text
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}
