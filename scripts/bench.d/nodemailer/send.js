// Sends the digest to so many readers as a Node service would: a pool of nodemailer's, and
// nunjucks rendering Paper Round's own templates for each reader. Prints one JSON line.
//
// usage: node send.js PORT MAILS CONNECTIONS TEMPLATES CONTEXT [KEY]
'use strict'

const fs = require('node:fs')
const path = require('node:path')
const nodemailer = require('nodemailer')
const nunjucks = require('nunjucks')

const [port, mails, connections, templates, file, key] = process.argv.slice(2)
const context = JSON.parse(fs.readFileSync(file, 'utf8'))
// In JavaScript an empty list is as good as true.
for (const [name, value] of Object.entries(context)) {
  if (Array.isArray(value) && !value.length) context[name] = null
}

// nunjucks has no `" " * n`; everything else of the templates it understands.
const read = (name) =>
  fs.readFileSync(path.join(templates, name), 'utf8').replaceAll('" " * indent', 'spaces(indent)')

const wrap = (text, indent) => {
  const lines = [[]]
  let width = indent
  for (const word of String(text).split(' ')) {
    if (width + word.length > 78 && lines.at(-1).length) {
      lines.push([])
      width = indent
    }
    lines.at(-1).push(word)
    width += word.length + 1
  }
  return lines.map((words) => words.join(' ')).join('\n' + ' '.repeat(indent))
}

// The English words: the few forms of Project Fluent that they have, which is less work than a
// library for it would do.
const messages = {}
const ftl = fs.readFileSync(path.join(templates, '../../locales/en.ftl'), 'utf8')
for (const [, name, words] of ftl.matchAll(/^([a-z-]+) = (.*(?:\n(?: .*|\}.*))*)/gm)) {
  messages[name] = words
}
const say = (safe) => (name, parts = {}) => {
  let words = messages[name]
  const choice = words.match(/^\{ \$(\w+) ->([^]*)\}$/)
  if (choice) {
    const forms = choice[2].split('\n').filter((line) => line.includes(']'))
    const one = forms.length > 1 && parts[choice[1]] === 1
    words = forms.at(one ? 0 : -1).replace(/^ *\*?\[\w+\] /, '')
  }
  words = words.replace(/\{ \$(\w+) \}/g, (_, part) => parts[part])
  return safe ? new nunjucks.runtime.SafeString(words) : words
}

nunjucks.installJinjaCompat()
const engine = (autoescape) => {
  const environment = new nunjucks.Environment(null, {
    autoescape,
    trimBlocks: true,
    lstripBlocks: true
  })
  environment.addGlobal('spaces', (count) => ' '.repeat(count))
  environment.addFilter('wrap', wrap)
  environment.addFilter('pad', (text, columns) => String(text).padEnd(columns))
  environment.addFilter('number', (number) => number.toLocaleString('en'))
  environment.addGlobal('t', say(autoescape))
  environment.addFilter('shorten', (text, most) => text.slice(0, most))
  return environment
}
const compiled = (name, autoescape) => nunjucks.compile(read(name), engine(autoescape))
const html = compiled('digest.html', true)
const text = compiled('digest.txt', false)
const subject = compiled('digest.subject', false).render(context).trim()

const options = {
  host: '127.0.0.1',
  port: Number(port),
  secure: false,
  ignoreTLS: true,
  pool: true,
  maxConnections: Number(connections),
  maxMessages: Infinity
}
if (key) {
  options.dkim = {
    domainName: 'digest.example',
    keySelector: 'rsa',
    privateKey: fs.readFileSync(key, 'utf8')
  }
}
const transport = nodemailer.createTransport(options)

const send = (to) => {
  const own = { ...context, recipient: to }
  return transport.sendMail({
    from: 'Paper Round <papers@digest.example>',
    to,
    subject,
    html: html.render(own),
    text: text.render(own),
    list: { unsubscribe: { url: context.contact_url } }
  })
}

const main = async () => {
  const cpu = process.cpuUsage()
  const start = process.hrtime.bigint()
  let next = 0
  let sent = 0
  // As many at work as there are connections, so that memory does not hold all the mails.
  const worker = async () => {
    while (next < Number(mails)) {
      const number = next++
      await send(`reader${String(number).padStart(7, '0')}@example.org`)
      sent++
    }
  }
  await Promise.all(Array.from({ length: Number(connections) }, worker))
  const wall = Number(process.hrtime.bigint() - start) / 1e9
  const used = process.cpuUsage(cpu)
  transport.close()
  const line = {
    mails: sent,
    wall_s: wall,
    cpu_s: (used.user + used.system) / 1e6,
    rss_peak_mib: process.resourceUsage().maxRSS / 1024
  }
  console.log(JSON.stringify(line))
}

main()
