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
or-reply = このメールに返信するだけでも承認できます。お断りでなければ本文は何でもかまいません。
entered = このアドレスが当サイトに入力されたか、このアドレスの名前でメールが届きました。

confirm-subject = ご確認ください：{ $site }の論文ダイジェスト
confirm-title = ご確認ください
confirm-heading = 毎日の論文をメールで受け取りますか？
confirm-says = どなたか（おそらくあなた）が、注目の研究論文のダイジェストをこのアドレスに送るよう{ $site }に申し込みました。ボタンを押すと、最初の1通が届きます。
confirm-says-text = どなたか（おそらくあなた）が、注目の研究論文のダイジェストをこのアドレスに送るよう{ $site }に申し込みました。承認するには、次のページを開いてボタンを押してください：
confirm-in-part = メールの内容には、承認の前には行えないものがあります。お手数ですが、承認のあとでもう一度お送りください。
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

## 運営者への警告（内容はどの言語でも英語です）

alarm-subject = { $site }：対応が必要です
alarm-heading = 対応が必要です
alarm-why = 設定で、このアドレスが警告の宛先に指定されています。

## 確認の問い合わせ

ask-subject = { $site }：ご本人ですか？
ask-heading = ご本人ですか？
ask-asks = このアドレスを差出人とするメールで、次の依頼がありました：
ask-line = { $command }：{ $meaning }
ask-says = メールの差出人は誰でも自由に書けるため、まだ何も変更していません。承認するには、ボタンを押すか、このメールに返信してください。お断りでなければ本文は何でもかまいません。
ask-says-text = メールの差出人は誰でも自由に書けるため、まだ何も変更していません。承認するには、このメールに返信するか（お断りでなければ本文は何でもかまいません）、次のページを開いてボタンを押してください：
ask-button = はい、本人です
ask-nothing = 何もする必要はありません。

## メールへの返答（コマンドはどの言語でも英語のままです）

answer-subject = { $site }：{ $what }
answer-standing = 購読の状況
answer-standing-heading = 購読の状況
answer-done = 完了しました
answer-done-heading = メールを拝見しました
answer-help = メールで使えるコマンド
answer-help-heading = メールで使えるコマンド
answer-no-reader = このアドレスは購読していません
answer-no-reader-heading = 購読がありません
answer-no-reader-says = このアドレスは購読していません。ダイジェストが別のアドレスに届いている場合は、そのアドレスからお送りください。このアドレスで購読を始めるには「subscribe」とお書きください。
answer-too-late = もう一度お送りください
answer-too-late-heading = 期限が切れています
answer-too-late-says = 承認された依頼は、期限が切れているか、すでに済んでいます。ご希望をもう一度お書きください。「subscribe」と書くと購読が始まります。
answer-unclear = 読み取れなかった内容
answer-unclear-text = 読み取れなかった内容：
answer-unclear-line = 「{ $line }」：{ $hint }
answer-in-force = 現在の設定
answer-in-force-text = 現在の設定：
answer-see-all = すべての設定を確認・変更する
answer-see-all-text = すべての設定の確認・変更：
answer-write = 次のコマンドを1行に1つずつ書いて { $address } にお送りください：
answer-why = このアドレスから届いたメールへの返答です。

## 依頼の結果

said-paused = 「resume」と書いて送っていただくまで、ダイジェストを停止します。
said-paused-until = ダイジェストを停止します。{ $day }に再開します。
said-not-ahead = { $day }は将来の日付ではないため、停止していません。
said-resumed = ダイジェストを再開します。
said-not-paused = ダイジェストは停止していませんでした。
said-resent = 前回のダイジェストをもう一度お送りします。
said-resent-before = この1日のうちに、すでに再送しています。
said-nothing-to-resend = まだダイジェストをお送りしていません。
said-nothing-to-confirm = すでに購読中です。確認は不要です。
said-subscribed = 購読中です。
said-subscribed-already = すでに購読中です。
said-time = ダイジェストは{ $hour }に届きます。
said-zone = タイムゾーンを{ $zone }にしました。
said-rhythm = ダイジェストは{ $days }に届きます。
said-language = メールの言語：{ $language }
said-lines = 論文以外の内容：{ $lines }
said-topics-only = 今後は次のトピックの論文だけが届きます：{ $topics }
said-topics = 次のトピックの論文も届きます：{ $topics }
said-no-topic-added = トピックは追加されませんでした：{ $why }。
said-no-topics = トピックの指定はありません。すべての論文が届きます。
said-no-such-topic = トピック { $topic } は登録されていません。現在のトピック：{ $topics }
said-topic-gone = トピックを削除しました：{ $topic }
said-last-topic-gone = 最後のトピックを削除しました。今後はすべての論文が届きます。
said-declined = お断りのご返信をいただきましたので、何も変更していません。
said-done-before = これはすでに済んでいます。
said-unconfirmed = 購読がまだ確認されていません。確認のメールに返信してください。
said-has-left = 配信は停止されています。再開するには「subscribe」とお書きください。
said-no-subscription = 変更できる購読がありません。

## 現在の設定

setting-paused-until = 停止中（{ $day }に再開）
setting-paused = 「resume」と書いて送っていただくまで停止中
setting-digests = ダイジェスト：{ $rhythm }
setting-digests-then = 再開後のダイジェスト：{ $rhythm }
setting-all-papers = トピックを問わず、すべての論文
setting-topic = トピック：{ $topic }
setting-min-votes = { $count }票以上の論文
setting-lines = 論文以外の内容：{ $lines }
setting-max-papers = 詳しく載せる論文は{ $count }本まで
setting-next = 次回：{ $when }
date-hour = { $date } { $hour }
list = { $list }、{ $item }
line-rising = 引き続き上昇中
line-trend = 今週の傾向
line-quiet = 新着のない日のお知らせ
line-none = なし

## 書けること（コロンの後ろはコマンドの一部です）

means-subscribe = 購読を始める
means-unsubscribe = メールを一切受け取らない
means-pause = しばらくダイジェストを停止する
means-resume = ダイジェストを再開する
means-time = ダイジェストが届く時刻
means-rhythm = ダイジェストが届く日
means-zone = タイムゾーン
means-language = メールの言語
means-lines = 論文以外に載せる内容
means-add-topic = このトピックの論文も受け取る
means-remove-topic = このトピックをやめる
means-resend = 前回のダイジェストをもう一度受け取る
means-status = 現在の設定を確認する
help-subscribe = 購読を始める。後ろにトピックを書くと、その論文だけが届きます： subscribe robotics, "flow matching"
help-pause = しばらくダイジェストを停止する。日付でも指定できます： pause until 2026-12-24
help-rhythm = 届く日： daily（毎日）、weekdays（平日）、weekly:mon（毎週月曜）、monthly:1（毎月1日）
help-language = メールの言語： en、de、fr、es、ja、zh
help-lines = 論文以外に載せる内容： rising（引き続き上昇中）、trend（今週の傾向）、quiet（新着のない日のお知らせ）、none（なし）
help-also = { $does }（または： { $also } ）

## 読み取れなかった内容

hint-unknown = メールの1行を読み取れませんでした
hint-perhaps = 「{ $command }」のことでしょうか
hint-exclude = 両立しません。どちらか一方をお書きください
hint-too-many = 1通のメールに書けるコマンドは{ $count }件までです。残りはもう一度お送りください
hint-name-topic = トピックをお書きください： add topic "flow matching"
hint-name-topic-to-remove = トピックをお書きください： remove topic "flow matching"
hint-topic = 「{ $topic }」：{ $what }（{ $place }文字目）
hint-ends-own = 停止できるのは送信元のアドレスの購読だけです。unsubscribe とだけお書きください
hint-begins-own = 登録できるのは送信元のアドレスだけです。subscribe とだけお書きください
hint-subscribe-alone = 購読するには subscribe とだけ書くか、後ろにトピックを引用符で囲んでお書きください
hint-no-span = 「2 weeks」のような期間でも、「until 2026-12-24」のような日付でもありません
hint-settable = 設定できるもの：time（時刻）、zone（タイムゾーン）、rhythm（届く日）、language（言語）、lines（論文以外の内容）
hint-no-time = 07:30 のような時刻ではありません
hint-no-rhythm = 届く日は daily、weekdays、weekly、weekly friday、monthly、monthly 15 のように指定します
hint-no-language = 言語は en、de、fr、es、ja、zh のいずれかです
hint-no-lines = rising、trend、quiet、または none を指定してください
hint-name-zone = Europe/Paris のようなタイムゾーンをお書きください
hint-no-zone = 「{ $name }」というタイムゾーンはありません。Europe/Paris のような名前です
hint-no-zone-near = 「{ $name }」というタイムゾーンはありません。「{ $command }」のことでしょうか
hint-until-when = いつまでですか？2026-12-24 のような日付をお書きください
hint-no-length = 期間がゼロです
hint-too-long = 3年を超えています
hint-no-day = 「{ $text }」は 2026-12-24 のような日付ではありません
hint-not-ahead = { $day }は、もう過ぎているか本日です
hint-too-far = { $day }は3年以上先です
hint-two-days = { $text } は2通りの日付に読めます。{ $one } または { $other } とお書きください
hint-not-on-calendar = { $text } は暦にない日付です
too-many-topics = トピックが{ $count }件では多すぎます。{ $most }件まで指定できます

## トピックの誤り

slip-too-long = トピックは{ $most }文字までです（{ $length }文字あります）
slip-closes-nothing = この閉じ括弧に対応する括弧がありません。取り除いてください
slip-loose-minus = マイナスは、除きたい語の直前に置きます
slip-open-quote = この引用符が閉じられていません。語句の後ろにも付けてください
slip-open-parenthesis = この括弧が閉じられていません
slip-empty = トピックには diffusion のような語が必要です
slip-missing-before = この前に語または語句が必要です
slip-missing-at-end = 末尾に語または語句が必要です
slip-too-deep = 括弧の入れ子は{ $most }段までです
slip-field-in-field = 項目の括弧の中に、別の項目は置けません
slip-only-has-code = 使えるのは has:code だけです
slip-no-colon = コロンを付けずに { $name }>=20 とお書きください
slip-no-field = 「{ $name }」という項目はありません。使えるのは title、abstract、author、org、keyword、votes、stars、has です。そのままの語を探すには引用符で囲んでください
slip-field-alone = { $name }: の後ろに語または語句が必要です
slip-too-many-words = トピックの語は{ $most }個までです。2つに分けてください
slip-nothing-to-find = 探せる文字や数字がありません
slip-no-number = votes>=20 のように、記号の直後に整数をお書きください
