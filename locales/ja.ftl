# メールの文言（日本語）

## 届く時刻

rhythm = { $days }{ $hour }（{ $zone }）
rhythm-schedule = 「{ $schedule }」（{ $zone }）
rhythm-schedule-hour = 「{ $schedule }」の日の{ $hour }（{ $zone }）
days-daily = 毎日
days-weekdays = 平日
days-weekly = { $day ->
    [mon] 毎週月曜
    [tue] 毎週火曜
    [wed] 毎週水曜
    [thu] 毎週木曜
    [fri] 毎週金曜
    [sat] 毎週土曜
   *[sun] 毎週日曜
}
days-monthly = 毎月{ $day }日
span-days = { $count }日
span-hours = { $count }時間
span-minutes = { $count }分

## 件名とプレヘッダー

subject-one = { $title } · { $date }
subject-many = { $title } ほか{ $more }本 · { $date }
subject-none = { $site }：新着なし · { $date }
preheader-also = 本日の新着：{ $titles }
preheader-alone = 研究者が今日読み、投票している論文をまとめてお届けします。毎日の話題をここから。

## 冒頭

new-papers = 新着論文 { $count }本
nothing-new = 新着はありません
nothing-new-says = まだお届けしていない注目論文は、本日はありません。次回のダイジェストは通常どおりお届けします。
nothing-why = { $why ->
    [nothing-listed] 前回のダイジェスト以降、新しい論文は掲載されていません。次回のダイジェストは通常どおりお届けします。
    [nothing-read] 前回のダイジェスト以降、論文の一覧を読み込めませんでした。掲載分は後日お届けします。
   *[other] { nothing-new-says }
}
silence = { $days ->
    [1] { $from }はメールをお送りしていません。{ silence-why }
   *[other] { $from }から{ $to }まではメールをお送りしていません。{ silence-why }
}
silence-why = { $why ->
    [nothing-listed] 新しい論文の掲載がなかったためです。
    [nothing-read] 論文の一覧を読み込めなかったためです。
   *[other] 一覧にご希望に合う論文がなかったためです。
}
welcome = ようこそ！
welcome-says = まずは、ここ数日で最も注目された論文をお届けします。これからは{ $rhythm }に、あなたにとって新しい論文だけが届きます。同じ論文が二度届くことはありません。
welcome-choose = トピック、時刻、曜日、本数を変更する
greeting = こんにちは。
letter-opens = { $count ->
    [1] 本日の新着論文は1本です。
   *[other] 本日の新着論文は{ $count }本です。最も有望なものを先頭に並べています。
}

## 論文

votes = { $count }票
stars = スター{ $count }
authors-more = { $authors } ほか{ $more }名
withdrawn = 著者により取り下げられました。
preview = { $rank }番のプレビュー
read-paper = 論文を読む
link-paper = 論文ページ
link-arxiv = arXiv
link-pdf = PDF
link-code = コード
link-project = プロジェクト
link-of = { $label }（{ $rank }番）
taste-link = こうした論文を増やす・減らす
taste-says = 似た論文を増やしたい、または減らしたい場合は、こちらから。次回から反映されます：
why-topic = あなたのトピック：{ $what }
why-author = フォロー中の著者：{ $what }
why-liked = 「いいね」した論文に近い：{ $what }
why-rising = 昨日から+{ $votes }票

## 論文以外

also-new = そのほかの新着
more-come = ほかに{ $count }本あり、次回のダイジェストでお届けします。
related = 関連する過去の論文
rising = 引き続き上昇中
rising-says = お届け済みの論文で、票が伸び続けているものです。
gain = +{ $votes }票
trend = 今週の傾向
trend-rose = 上昇
trend-faded = 下降
trend-papers = 票を最も伸ばした論文

## 設定

controls = ダイジェストの設定
control-hour = 時刻を変える
control-topics = トピック
control-pause = 一時停止
control-less = 頻度を減らす
control-leave = 配信停止
control-browser = ブラウザーで読む
control-all = トピック、時刻、曜日、本数の変更、一時停止
sent-to = このメールは、{ $site }を購読中の { $address } に{ $rhythm }にお送りしています。
reply-with = このメールに { $pause }、{ $time }、{ $topic }、{ $leave }、{ $help } などと書いて返信することもできます。
questions = お問い合わせ： { $contact }

## お知らせ

notice-sent-to = { $address } 宛にお送りしました。
link-works = リンクの有効期間は{ $within }です。
not-you = お心当たりがない場合は
not-you-nothing = 何もする必要はありません。承認されないかぎり、何も届きません。
or-reply = このメールに返信するだけでも承認できます。本文は何でもかまいません。
entered = このアドレスが当サイトに入力されました。

confirm-subject = ご確認ください：{ $site }の論文ダイジェスト
confirm-title = ご確認ください
confirm-heading = 毎日の論文をメールで受け取りますか？
confirm-says = どなたか（おそらくあなた）が、注目の研究論文のダイジェストをこのアドレスに送るよう{ $site }に申し込みました。ボタンを押すと、最初の1通が届きます。
confirm-says-text = どなたか（おそらくあなた）が、注目の研究論文のダイジェストをこのアドレスに送るよう{ $site }に申し込みました。承認するには、次のページを開いてボタンを押してください：
confirm-button = はい、受け取ります

known-subject = すでに{ $site }を購読しています
known-heading = すでに購読しています
known-says = どなたか（おそらくあなた）が、このアドレスへのダイジェストを申し込みました。すでに購読中のため、確認は不要です。届かない場合は、一時停止中か、新着がなかった可能性があります。
known-button = 設定を確認・変更する

link-subject = { $site }の設定
link-title = 設定
link-heading = あなたのページはこちらです
link-says = 届く時刻や内容の選択、一時停止、アドレスの変更、配信停止、全データの消去ができます。パスワードは不要なので、リンクは他人に教えないでください。
link-button = 設定を開く
link-why = 当サイトでこのリンクが請求されました。

goodbye-subject = { $site }の配信を停止しました
goodbye-heading = 配信を停止しました
goodbye-says = 今後このアドレスにダイジェストは届きません。このメールが最後になります。お読みいただき、ありがとうございました。
goodbye-back = 操作の誤りや、転送先のどなたかによるものでしたか？ボタンを押すと、すべて元に戻ります。
goodbye-back-text = 操作の誤りや、転送先のどなたかによるものでしたか？次のページで、すべて元に戻せます：
goodbye-button = もう一度購読する
goodbye-why = メール内のリンク、またはご本人の希望により、配信を停止しました。

move-subject = { $site }の新しいアドレスをご確認ください
move-title = 新しいアドレスをご確認ください
move-heading = ダイジェストをここに届けますか？
move-says = { $site }の読者が、今後ダイジェストをこのアドレスで受け取りたいと申し込みました。
move-says-text = { $site }の読者が、今後ダイジェストをこのアドレスで受け取りたいと申し込みました。承認するには、次のページを開いてボタンを押してください：
move-button = はい、ここに届けてください
move-why = 読者が当サイトにこのアドレスを入力しました。

probe-subject = { $site }：届いていますか？
probe-heading = 届いていますか？
probe-says = このアドレス宛のメールが何度も戻ってきています。メールボックスがいっぱいか、一時的な障害かもしれません。これをお読みいただけていれば、何もする必要はありません。数日後にダイジェストを再開します。
probe-else = このメールも戻ってきた場合、今後はお送りしません。別のアドレスで受け取る場合や配信を停止する場合は、あなたのページを開いてください。
probe-button = 設定を開く
probe-why = このアドレスは購読中です。
