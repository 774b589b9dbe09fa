# 邮件自身的文字（简体中文）

## 发送时间

rhythm = { $days } { $hour }（{ $zone }）
rhythm-schedule = “{ $schedule }”（{ $zone }）
rhythm-schedule-hour = “{ $schedule }”所指日期的 { $hour }（{ $zone }）
days-daily = 每天
days-weekdays = 工作日
days-weekly = { $day ->
    [mon] 每周一
    [tue] 每周二
    [wed] 每周三
    [thu] 每周四
    [fri] 每周五
    [sat] 每周六
   *[sun] 每周日
}
days-monthly = 每月 { $day } 日
span-days = { $count } 天
span-hours = { $count } 小时
span-minutes = { $count } 分钟

## 主题与预览文字

subject-one = { $title } · { $date }
subject-many = { $title } 等另外 { $more } 篇 · { $date }
subject-none = { $site }：没有新论文 · { $date }
preheader-also = 今日新论文还有：{ $titles }
preheader-alone = 研究者今天在读什么、为哪些论文投票：每天的热门研究论文，都在这封邮件里。

## 开头

new-papers = { $count } 篇新论文
nothing-new = 没有新论文
nothing-new-says = 今天的热门论文您都已经收到过了。下一期摘要会照常送达。
nothing-why = { $why ->
    [nothing-listed] 自上一期摘要以来没有新论文上榜。下一期摘要会照常送达。
    [nothing-read] 自上一期摘要以来无法读取论文列表；其中的论文稍后送达。
   *[other] { nothing-new-says }
}
silence = { $days ->
    [1] { $from }没有发送邮件：{ silence-why }
   *[other] { $from }至{ $to }没有发送邮件：{ silence-why }
}
silence-why = { $why ->
    [nothing-listed] 没有新论文上榜。
    [nothing-read] 无法读取论文列表。
   *[other] 列表中没有符合您要求的论文。
}
welcome = 欢迎！
welcome-says = 首先为您送上最近几天最受关注的论文。从现在起，{ $rhythm }，您会收到对您来说是新的论文；同一篇论文绝不会出现两次。
welcome-choose = 选择主题、时间、日期或更少的论文
greeting = 您好：
letter-opens = { $count ->
    [1] 今天有 1 篇新论文。
   *[other] 今天有 { $count } 篇新论文。最值得一读的排在最前。
}

## 论文

votes = { $count } 票
stars = { $count } 星
authors-more = { $authors } 等另外 { $more } 人
withdrawn = 已被作者撤回。
preview = 第 { $rank } 篇的预览图
read-paper = 阅读论文
link-paper = 论文页面
link-arxiv = arXiv
link-pdf = PDF
link-code = 代码
link-project = 项目
link-of = { $label }，第 { $rank } 篇
taste-link = 多推荐或少推荐此类
taste-says = 想多看或少看某一类论文？告诉我们，之后的推荐会随之调整：
why-topic = 您的主题：{ $what }
why-author = 您关注的作者：{ $what }
why-liked = 因为您喜欢 { $what }
why-rising = 自昨天以来 +{ $votes } 票

## 论文之外

also-new = 其他新论文
more-come = 另有 { $count } 篇，将随下一期摘要送达。
related = 较早的相关论文
rising = 仍在上升
rising-says = 这些论文您已收到过，得票仍在增加。
gain = +{ $votes } 票
trend = 本周趋势
trend-rose = 上升
trend-faded = 下降
trend-papers = 新增票数最多

## 设置

controls = 您的摘要，由您决定
control-hour = 更改时间
control-topics = 主题
control-pause = 暂停
control-less = 降低频率
control-leave = 退订
control-browser = 在浏览器中阅读
control-all = 更改主题、时间、日期或篇数，或暂停
sent-to = 此邮件发送至 { $address }，因为该地址订阅了 { $site }（{ $rhythm }）。
reply-with = 也可以直接回复此邮件，写上 { $pause }、{ $time }、{ $topic }、{ $leave } 或 { $help } 等指令。
questions = 如有疑问，请联系 { $contact }。

## 通知

notice-sent-to = 此邮件发送至 { $address }。
link-works = 链接有效期为 { $within }。
not-you = 不是您本人？
not-you-nothing = 那么无需任何操作：没有您的同意，什么都不会寄来。
or-reply = 或者直接回复此邮件，只要不是拒绝，写什么都可以。
entered = 有人在我们的网站上填写了这个地址，或以它的名义给我们写了信。

confirm-subject = 请确认：来自 { $site } 的论文
confirm-title = 请确认
confirm-heading = 想每天通过邮件收到论文吗？
confirm-says = 有人（希望是您）请 { $site } 把热门研究论文摘要寄到这个地址。点一下按钮，第一期就会寄出。
confirm-says-text = 有人（希望是您）请 { $site } 把热门研究论文摘要寄到这个地址。如果同意，请打开此页面并点击按钮：
confirm-in-part = 您邮件中的一部分要在您同意之后才能办理：请在同意之后再写一次。
confirm-button = 好的，请寄给我

known-subject = 您已经订阅了 { $site }
known-heading = 您已经订阅了
known-says = 有人（希望是您）请求把摘要寄到这个地址。该地址已有订阅，因此无需确认。如果没有收到摘要，可能是已暂停，或者没有新论文。
known-button = 查看并更改您的设置

link-subject = 您在 { $site } 的设置
link-title = 您的设置
link-heading = 这是您的页面
link-says = 您可以在这里选择摘要的时间和内容、暂停、更换地址、退订，或删除全部数据。请勿把链接告诉他人：它不需要密码。
link-button = 打开我的设置
link-why = 有人在我们的网站上请求了这个链接。

goodbye-subject = 您已退订 { $site }
goodbye-heading = 您已退订
goodbye-says = 不会再有摘要寄到这个地址，这也是最后一封邮件。感谢您的阅读。
goodbye-back = 是误操作，还是您转发给的人所为？点一下按钮，一切恢复原样。
goodbye-back-text = 是误操作，还是您转发给的人所为？此页面可以让一切恢复原样：
goodbye-button = 重新订阅
goodbye-why = 该地址通过邮件中的链接或应本人要求退订。

move-subject = 请确认您在 { $site } 的新地址
move-title = 请确认您的新地址
move-heading = 把您的摘要寄到这里吗？
move-says = { $site } 的一位读者请求今后把摘要寄到这个地址。
move-says-text = { $site } 的一位读者请求今后把摘要寄到这个地址。如果同意，请打开此页面并点击按钮：
move-button = 好的，寄到这里
move-why = 一位读者在我们的网站上填写了这个地址。

probe-subject = { $site }：您能收到吗？
probe-heading = 您能收到吗？
probe-says = 我们寄往这个地址的邮件一再被退回：邮箱可能已满，或暂时有故障。如果您能看到这封邮件，则无需任何操作：几天后摘要会恢复。
probe-else = 如果这封邮件也被退回，我们将不再寄送。如需改用其他地址接收，或退订，请打开您的页面。
probe-button = 打开我的设置
probe-why = 该地址已订阅。

## 发给网站管理者的警报（具体内容在任何语言中都是英文）

alarm-subject = { $site } 需要您处理
alarm-heading = 有事需要您处理
alarm-why = 配置中指定了用这个地址接收警报。

## 回头确认

ask-subject = { $site }：是您本人吗？
ask-heading = 是您本人吗？
ask-asks = 一封以此地址为发件人的邮件提出了以下要求：
ask-line = { $command }：{ $meaning }
ask-says = 任何人都可以在邮件里填写任意发件人，因此目前还没有任何改变。如果同意，请点击按钮，或者直接回复此邮件，只要不是拒绝，写什么都可以。
ask-says-text = 任何人都可以在邮件里填写任意发件人，因此目前还没有任何改变。如果同意，请回复此邮件（只要不是拒绝，写什么都可以），或打开此页面并点击按钮：
ask-button = 是的，是我本人
ask-nothing = 那么无需任何操作。

## 对邮件的答复（指令在任何语言中都是英文）

answer-subject = { $site }：{ $what }
answer-standing = 您的订阅
answer-standing-heading = 您的订阅
answer-done = 已完成
answer-done-heading = 您的邮件已读取
answer-help = 可以使用的指令
answer-help-heading = 可以使用的指令
answer-no-reader = 该地址没有订阅
answer-no-reader-heading = 没有订阅
answer-no-reader-says = 该地址没有订阅。如果您的摘要寄往另一个地址，请从那个地址写信；要在这里开始订阅，请写“subscribe”。
answer-too-late = 请再写一次
answer-too-late-heading = 已过期
answer-too-late-says = 您所确认的请求已经过期，或者早已完成。请再写一次您的要求；写“subscribe”即可开始订阅。
answer-unclear = 未能理解
answer-unclear-text = 未能理解：
answer-unclear-line = “{ $line }”：{ $hint }
answer-in-force = 当前设置
answer-in-force-text = 当前设置：
answer-see-all = 查看并更改所有设置
answer-see-all-text = 查看并更改所有设置：
answer-write = 可以把以下指令发到 { $address }，每行一条：
answer-why = 这是对来自该地址的邮件的答复。

## 处理结果

said-paused = 在您写“resume”之前，不再发送摘要。
said-paused-until = 暂停发送摘要，{ $day }恢复。
said-not-ahead = { $day }不是将来的日期：没有暂停。
said-resumed = 摘要已恢复发送。
said-not-paused = 摘要并未暂停。
said-resent = 上一期摘要会再发送一次。
said-resent-before = 最近一天内已经重新发送过。
said-nothing-to-resend = 还没有发送过摘要。
said-nothing-to-confirm = 您已订阅：无需再确认。
said-subscribed = 您已订阅。
said-subscribed-already = 您早已订阅。
said-time = 摘要在 { $hour } 发送。
said-zone = 您的时区现在是 { $zone }。
said-rhythm = 摘要发送日：{ $days }。
said-language = 邮件语言：{ $language }。
said-lines = 论文之外的内容：{ $lines }。
said-topics-only = 从现在起只送达这些主题的论文：{ $topics }
said-topics = 这些主题的论文也会送达：{ $topics }
said-no-topic-added = 没有添加主题：{ $why }。
said-no-topics = 您没有设置主题：所有论文都会送达。
said-no-such-topic = 您没有主题 { $topic }。您的主题是：{ $topics }
said-topic-gone = 主题已删除：{ $topic }
said-last-topic-gone = 这是最后一个主题：从现在起所有论文都会送达。
said-declined = 您表示不同意：没有做任何更改。
said-done-before = 此前已经完成。
said-unconfirmed = 您还没有确认订阅：请回复请求确认的邮件。
said-has-left = 您已退订。要重新订阅，请写“subscribe”。
said-no-subscription = 没有可以更改的订阅。

## 当前设置

setting-paused-until = 已暂停，{ $day }恢复
setting-paused = 暂停，直到您写“resume”
setting-digests = 摘要：{ $rhythm }
setting-digests-then = 之后的摘要：{ $rhythm }
setting-all-papers = 所有论文，不限主题
setting-topic = 主题：{ $topic }
setting-min-votes = 至少 { $count } 票的论文
setting-lines = 论文之外的内容：{ $lines }
setting-max-papers = 最多详细显示 { $count } 篇论文
setting-next = 下一期：{ $when }
date-hour = { $date } { $hour }
list = { $list }、{ $item }
line-rising = 仍在上升
line-trend = 本周趋势
line-quiet = 没有新论文的日子
line-none = 无

## 可以写的内容（冒号之后是指令的一部分）

means-subscribe = 开始订阅
means-unsubscribe = 不再收到任何邮件
means-pause = 暂停一段时间
means-resume = 恢复发送摘要
means-time = 摘要的发送时间
means-rhythm = 摘要的发送日
means-zone = 您的时区
means-language = 邮件的语言
means-lines = 论文之外的内容
means-add-topic = 增加此主题的论文
means-remove-topic = 不再要此主题
means-resend = 再发送一次上一期摘要
means-status = 查看当前设置
help-subscribe = 开始订阅；后面写上主题，则只收到这些主题的论文： subscribe robotics, "flow matching"
help-pause = 暂停一段时间；也可以指定日期： pause until 2026-12-24
help-rhythm = 发送日： daily（每天）、weekdays（工作日）、weekly:mon（每周一）、monthly:1（每月 1 日）
help-language = 邮件的语言： en、de、fr、es、ja、zh
help-lines = 论文之外的内容： rising（仍在上升）、trend（本周趋势）、quiet（没有新论文的日子）或 none（无）
help-also = { $does }（或： { $also } ）

## 未能理解的内容

hint-unknown = 您邮件中的一行不是我们认识的指令
hint-perhaps = 您是不是想写“{ $command }”
hint-exclude = 两者互相矛盾：请只写您想要的那一条
hint-too-many = 一封邮件最多可以有 { $count } 条指令：其余的请重新发送
hint-name-topic = 请写明主题： add topic "flow matching"
hint-name-topic-to-remove = 请写明主题： remove topic "flow matching"
hint-topic = “{ $topic }”：{ $what }（第 { $place } 个字符）
hint-ends-own = 只能退订发信的地址；请只写 unsubscribe
hint-begins-own = 只能订阅到发信的地址；请只写 subscribe
hint-subscribe-alone = 要订阅，请只写 subscribe，或在后面用引号写上主题
hint-no-span = 既不是“2 weeks”这样的时长，也不是“until 2026-12-24”这样的日期
hint-settable = 可以设置的有：time（时间）、zone（时区）、rhythm（发送日）、language（语言）和 lines（论文之外的内容）
hint-no-time = 不是 07:30 这样的时间
hint-no-rhythm = 发送日可以是 daily、weekdays、weekly、weekly friday、monthly 或 monthly 15
hint-no-language = 语言可以是 en、de、fr、es、ja 或 zh
hint-no-lines = 可以写 rising、trend 和 quiet，或者 none
hint-name-zone = 请写明时区，例如 Europe/Paris
hint-no-zone = 没有“{ $name }”这个时区；时区名称例如 Europe/Paris
hint-no-zone-near = 没有“{ $name }”这个时区；您是不是想写“{ $command }”
hint-until-when = 到什么时候？请写一个日期，例如 2026-12-24
hint-no-length = 时长为零
hint-too-long = 超过了三年
hint-no-day = “{ $text }”不是 2026-12-24 这样的日期
hint-not-ahead = { $day }已不是将来的日期
hint-too-far = { $day }在三年之后
hint-two-days = { $text } 可能是两个不同的日期；请写 { $one } 或 { $other }
hint-not-on-calendar = 日历上没有 { $text }
too-many-topics = { $count } 个主题太多了：最多可以有 { $most } 个

## 主题中的错误

slip-too-long = 主题最多可以有 { $most } 个字符，而不是 { $length } 个
slip-closes-nothing = 这个右括号没有对应的左括号；请去掉
slip-loose-minus = 减号应紧接在要排除的词之前
slip-open-quote = 这个引号没有闭合；请在词组之后加上引号
slip-open-parenthesis = 这个括号没有闭合
slip-empty = 主题需要一个词，例如 diffusion
slip-missing-before = 此处之前缺少一个词或词组
slip-missing-at-end = 末尾缺少一个词或词组
slip-too-deep = 括号最多可以嵌套 { $most } 层
slip-field-in-field = 一个字段的括号里不能再有另一个字段
slip-only-has-code = 只能使用 has:code
slip-no-colon = 请写 { $name }>=20，不要冒号
slip-no-field = 没有“{ $name }”这个字段；可用的有 title、abstract、author、org、keyword、votes、stars 和 has。要按原样查找这些词，请加上引号
slip-field-alone = { $name }: 之后需要一个词或词组
slip-too-many-words = 一个主题最多可以有 { $most } 个词；请分成两个
slip-nothing-to-find = 其中没有可以查找的字母或数字
slip-no-number = 符号之后应紧跟一个整数，例如 votes>=20
