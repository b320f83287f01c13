#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Questions on the desk: one list with what is left of their time; one with all that was said, why it is due then, and whom to call; asked by the
# agency and the approver, of a department or about an item that is held; answered and given more time by the officer, asked again by who asked.
. tests/desk/lib.sh
up
page() { get "$1" "$2" >"$TMPDIR/page"; }
has() { seen -- "$1" "$TMPDIR/page" || die "the page lacks $1"; }
lacks() { ! seen -- "$1" "$TMPDIR/page" || die "the page has $1"; }

step "the list, for each of those who may see it"
page agency /questions
for word in '/question/1' 'href="/question/2"' 'left' 'overdue by' 'After' 'action="/questions"' 'value="roads"'; do has "$word"; done
lacks 'name="urgent"'
page anjali /questions
has '/question/1'
lacks 'action="/questions"'
page rina /questions
has 'name="urgent"'
page rina /q
has 'href="/questions"'
same "nobody" "$(status_of '' /questions)" 303

page rina '/questions?s=open'
has '/question/1'
lacks '/question/3'
page rina '/questions?after=.4'
has '/question/3'
lacks '/question/1"'

step "what waits is on the page that opens first, by one request for counts"
: >"$TMPDIR/fake.log"
page rina /q
has '1 question is overdue'
has '1 question is not answered yet · the next is due '
has '1 answer came'
page anjali /q
has '1 question to answer is overdue'
lacks 'answer came'
page agency /today
has '1 answer came'
same "requests" "$(asked '.request | startswith("question")' | jq -r .request | paste -sd' ')" "question-counts question-counts question-counts"

step "asked of a department, and about an item that is held until it is answered"
same "to a department" "$(post agency /questions -d department=roads --data-urlencode 'text=রাস্তা কবে খুলবে?')" 303
same "what ghatd is asked" "$(asked '.request == "ask"' | jq -c '[.department, .text, .urgent, .hold]')" '["roads","রাস্তা কবে খুলবে?",false,false]'
page rina /i/2
has 'name="hold"'
lacks '/question/1"'
page rina /i/1
has 'href="/question/1"'
same "about an item" "$(post rina /questions -d id=2 -d hold=1 -d 'text=Who is that?')" 303
same "what ghatd is asked" "$(asked '.request == "ask"' | tail -n 1 | jq -c '[.id, .department, .hold]')" '[2,null,true]'
same "an officer" "$(post anjali /questions -d department=roads -d text=x)" 404

step "one: why then, whom to call, what was said"
page agency /question/1
for word in 'counts 4 h' 'tel:+91 33 1' 'Bimal Roy' 'Chitra Das' 'href="/i/1"'; do has "$word"; done
page rina /question/3
has 'On Monday.'
has 'At Palta.'
has '/question/3/reopen'
has '/question/3/close'
page agency /question/3
lacks '/reopen' # the approver asked it
page rina /question/4
lacks '<textarea'
same "none such" "$(status_of rina /question/99)" 404

step "answered, given more time, asked again, closed, taken back"
page anjali /question/1
has '/question/1/extend'
same "answer" "$(post anjali /question/1/answer --data-urlencode 'text=সোমবার।')" 303
same "extend" "$(post anjali /question/1/extend -d text=away)" 303
same "reopen" "$(post rina /question/3/reopen -d text=which)" 303
same "close" "$(post rina /question/3/close)" 303
same "withdraw" "$(post agency /question/1/withdraw)" 303
same "what ghatd is asked" "$(asked '.question and .request != "question"' | jq -r '"\(.request) \(.question) \(.text)"' | paste -sd,)" \
    "answer 1 সোমবার।,extend 1 away,reopen 3 which,close 3 ,withdraw-question 1 "
same "the agency does not answer" "$(post agency /question/1/answer -d text=x)" 404
same "what is over" "$(post rina /question/4/withdraw)" 409
