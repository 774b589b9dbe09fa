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
or-reply = 或者直接回复此邮件，写什么都可以。
entered = 有人在我们的网站上填写了这个地址。

confirm-subject = 请确认：来自 { $site } 的论文
confirm-title = 请确认
confirm-heading = 想每天通过邮件收到论文吗？
confirm-says = 有人（希望是您）请 { $site } 把热门研究论文摘要寄到这个地址。点一下按钮，第一期就会寄出。
confirm-says-text = 有人（希望是您）请 { $site } 把热门研究论文摘要寄到这个地址。如果同意，请打开此页面并点击按钮：
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
