export { createMailBudget, type MailBudget } from './mail-budget.js'
export { escapeHtml, type MailContent, type MailFacts, type MailTemplate, type MailTemplates } from './mail-templates.js'
export { linkProblem, type Mail, type Mailer, type MailKind, type MailLinks, mailKinds, ticketLink } from './mailer.js'
export { createPostOffice, type Letter, type PostOffice, type PostOfficeDeps, type Wish } from './post-office.js'
