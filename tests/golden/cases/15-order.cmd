ipvsadm -A -t 192.0.2.10:94 -w 3 -b bogus
ipvsadm -A -b bogus
ipvsadm -A -b bogus foo
ipvsadm -A foo
ipvsadm -A -w 3 foo
ipvsadm -A -t 192.0.2.10 foo
ipvsadm -A -t 192.0.2.10:5 -o foo
ipvsadm -a foo
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.1 -m --tun-csum foo
ipvsadm -a -t 192.0.2.10:80 -r [2001:db8::1]:80 -m foo
ipvsadm -a -t 192.0.2.10:80 -r [2001:db8::1]:80 -m -s rr
ipvsadm -a -t 192.0.2.10:80 --tun-csum
ipvsadm -L -c --stats foo
ipvsadm -L -c --stats -t 192.0.2.10:80
ipvsadm -L -c --stats -w 3
ipvsadm --set 1 2 -n
ipvsadm --set 1 -n
ipvsadm --set x -n
ipvsadm --set x 2
ipvsadm --set 1 x
ipvsadm --set 1 2 3 4 -n
ipvsadm --set 1 2 x 4
ipvsadm --set -q
ipvsadm --start-daemon bogus -n
ipvsadm --start-daemon bogus --syncid 999
ipvsadm --start-daemon bogus foo
ipvsadm --stop-daemon bogus -n
ipvsadm --start-daemon master foo -n
ipvsadm -A -t bogus -q
ipvsadm -A -q -t bogus
ipvsadm -A -s rr -s rr -q
ipvsadm -A -b bogus -s sh -t 192.0.2.10
ipvsadm -D -b bogus -t 192.0.2.10:80
ipvsadm -L -b bogus
ipvsadm -a -b bogus -t 192.0.2.10:80
ipvsadm -C -b bogus
ipvsadm -E -b bogus -t 192.0.2.10
ipvsadm -A -t 192.0.2.10 -b sh-port
ipvsadm -R foo -n < /dev/null
ipvsadm -A -t [192.0.2.44]:xyz -s rr -p
ipvsadm -A -t [192.0.2.45]: -s rr -p
ipvsadm -A -t [192.0.2.46]80 -s rr -p
ipvsadm -A -t [192.0.2.47]:80x -s rr -p
ipvsadm -A -t [192.0.2.48]:99999 -s rr -p
ipvsadm -A -t [192.0.2.49:80] -s rr -p
ipvsadm -A -t [192.0.2.50]:80:90 -s rr -p
ipvsadm -A -t [12]:80 -s rr -p
ipvsadm -A -t [2001:db8::50]:80:90 -s rr -p
ipvsadm -A -t [[2001:db8::51]:80 -s rr -p
ipvsadm -A -t [2001:db8::52]]:80 -s rr -p
ipvsadm -A -t [2001:db8::53]:+80 -s rr -p
ipvsadm -A -t [2001:db8::54]:' 80' -s rr -p
ipvsadm -A -t [2001:db8::55]:0x50 -s rr -p
ipvsadm -A -t [2001:db8::56]:tftp -s rr -p
ipvsadm -A -t [nosuch.invalid]:80 -s rr -p
ipvsadm -A -t ' [2001:db8::57]:80' -s rr
ipvsadm -A -t [2001:db8::58%eth0]:80 -s rr
ipvsadm -A -t [fe80::1%eth0]:80 -s rr
ipvsadm -A -t fe80::1%eth0 -s rr -p
ipvsadm -A -t 2001:db8::59: -s rr -p
ipvsadm -A -t a:b:c -s rr -p
ipvsadm -A -t vip.example.net:0 -s rr -p
ipvsadm -A -t vip.example.net: -s rr -p
ipvsadm -A -t vip.example.net.:80 -s rr -p
ipvsadm -A -t VIP.EXAMPLE.NET:81 -s rr -p
ipvsadm -A -t 192.0.2.60x:80 -s rr
ipvsadm -A -t '192.0.2.61 x:80' -s rr
ipvsadm -A -t 0x50 -s rr -p
ipvsadm -A -t 0x50:80 -s rr -p
ipvsadm -A -t 1.2 -s rr -p
ipvsadm -A -t '80 ' -s rr -p
ipvsadm -A -t '+80' -s rr -p
ipvsadm -A -t '-80' -s rr -p
ipvsadm -A -t -80 -s rr -p
ipvsadm -A -t -q -s rr
ipvsadm -A -t 192.0.2.62:80 -s -q
ipvsadm -A -t 192.0.2.62:80 -s rr -M ''
ipvsadm -A -t 192.0.2.63:80 -s rr -M 255.255.255.0x
ipvsadm -A -t [2001:db8::63]:80 -s rr -M ''
ipvsadm -A -t 192.0.2.64:80 -s rr -p5 -p6
ipvsadm -A -t 192.0.2.64:80 -sp -p
ipvsadm -A -t 192.0.2.64:80 -s rr -po
ipvsadm -A -t 192.0.2.64:80 -s rr -p -
ipvsadm -A -t 192.0.2.64:80 -s rr -p --
ipvsadm -A -t 192.0.2.65:80 -s rr -- -p
ipvsadm -A -t 192.0.2.65:80 -s rr --persistent
ipvsadm -A -t 192.0.2.66:80 -s rr --persistent=
ipvsadm -A -t 192.0.2.66:80 -s rr -p=
ipvsadm -A -t 192.0.2.66:80 -s=
ipvsadm -A -t=192.0.2.67:80 -s==rr
ipvsadm -A -t -- -s rr
ipvsadm -A -f -- -s rr
ipvsadm -a -t 192.0.2.65:80 -r 10.0.0.9:80 -m -w=5
ipvsadm -a -t 192.0.2.65:80 -r=10.0.0.8:80 --masquerading --weight=6
ipvsadm -at192.0.2.65:80 -r10.0.0.7 -mw=7 -x9 -y=3
ipvsadm -gat 192.0.2.65:80 -r 10.0.0.6
ipvsadm -ag -t 192.0.2.65:80 -r 10.0.0.6
ipvsadm -a -t 192.0.2.65:80 -r [10.0.0.5]:80 -m
ipvsadm -a -t 192.0.2.65:80 -r [10.0.0.4] -m
ipvsadm -a -t 192.0.2.65:80 -r 2001:db8::70 -i
ipvsadm -a -t [2001:db8::50]:0 -r 2001:db8::71 -m
ipvsadm -a -t [2001:db8::53]:80 -r 10.0.0.1:9 -i
ipvsadm -a -f 1 -6 -r 10.0.0.1:9 -i
ipvsadm -a -f 1 -r 2001:db8::1 -i
ipvsadm -a -u 192.0.2.65:80 -r 10.0.0.1:tftp -m
ipvsadm -a -t 192.0.2.65:80 -r 10.0.0.99:http -m
ipvsadm -a -t 192.0.2.65:80 -r web1.example.net -m
ipvsadm -a -t 192.0.2.65:80 -r web1.example.net:http-alt -m
ipvsadm -Sn
ipvsadm -Ln --stats --exact --nosort -t 192.0.2.65:80
ipvsadm -A -M 255.255.0.0 -t 192.0.2.70:80 -s rr -p
ipvsadm -A -M 255.255.0.0 -f 70 -s rr -p
ipvsadm -A -p -M 33 -f 71 -6 -s rr
ipvsadm -A -f 72 -6 -M 33 -s rr -p
ipvsadm -E -f 72 -6 -s rr -p 5
ipvsadm -E -t 192.0.2.70:80 -p 6 -M 255.255.255.128
ipvsadm -E -t 192.0.2.70:80 -s nosuch
ipvsadm -E -t 192.0.2.70:80 --pe nosuch
ipvsadm -E -t 192.0.2.71:80 -s nosuch
ipvsadm -A -t 192.0.2.70:80 -s nosuch
ipvsadm -E -t 192.0.2.70:80 --pe sip -s rr
ipvsadm -Ln
ipvsadm -E -u 192.0.2.70:80 --pe sip -s rr
ipvsadm -A -u 192.0.2.72:80 -s rr -p --pe sip -o -b flag-1
ipvsadm -A -f 80 -s rr -p --pe sip
ipvsadm -A -f 81 -s rr -p 60 -o -M 255.255.0.0 -b flag-2
ipvsadm -A --sctp-service 192.0.2.72:80 -s rr -p --pe sip
ipvsadm -Ln
ipvsadm -Sn
ipvsadm -Ln -f 70 --stats
ipvsadm -Sn > /tmp/s1; ipvsadm -C; ipvsadm -R < /tmp/s1; ipvsadm -Sn | diff /tmp/s1 - && echo same
ipvsadm -D -f 70 -6
ipvsadm -D -f 70
ipvsadm -a -f 71 -6 -r [2001:db8::9]:0 -m -x 10
ipvsadm -e -f 71 -6 -r [2001:db8::9]:0 -m -y 4 -x 5
ipvsadm -Ln --thresholds -f 71 -6
ipvsadm -a -t 192.0.2.70:80 -r 10.0.0.9 -g -w 0
ipvsadm -a -t 192.0.2.70:80 -r 10.0.0.9 -i -w 0
ipvsadm -e -t 192.0.2.70:80 -r 10.0.0.9 -i --tun-type gue --tun-port 99 -w 4
ipvsadm -e -t 192.0.2.70:80 -r 10.0.0.10
ipvsadm -Ln -t 192.0.2.70:80 --tun-info
ipvsadm -L -t vip.example.net:81
ipvsadm -Ln -t vip.example.net:81 --rate --exact
printf -- '-L -n\n-L -n -q\n' | ipvsadm -R
printf -- '-Z -q\n-A -t 192.0.2.90:1 -s rr\n' | ipvsadm -R
printf -- '-A -t 192.0.2.90:1 -s rr\n-A -t 192.0.2.90:1 -s rr\n' | ipvsadm -R; echo $?
printf -- '-A -t 192.0.2.90:2 -s rr\n\n\n' | ipvsadm -R; echo $?
printf -- '-A -t 192.0.2.90:2 -s rr\n\n\n' | ipvsadm -R; echo $?
printf -- '-A -t 192.0.2.90:2 -s rr\nipvsadm\n' | ipvsadm -R; echo $?
printf -- '-A -t 192.0.2.90:2 -s rr\n-L --timeout\n' | ipvsadm -R; echo $?
printf -- '--start-daemon master\n--start-daemon master\n-L --daemon\n--stop-daemon master\n--stop-daemon master\n' | ipvsadm -R; echo $?
printf -- '-A -t 192.0.2.90:3 -s rr -p ipvsadm 77\n' | ipvsadm -R; echo $?
printf -- '-Sn -t 1.2.3.4:5\n' | ipvsadm -R; echo $?
printf -- 'ipvsadm ipvsadm -A ipvsadm -t 192.0.2.90:4 -s ipvsadm rr\n' | ipvsadm -R; echo $?
printf -- '-A -t 192.0.2.90:5 -s rr -b\n' | ipvsadm -R; echo $?
ipvsadm -Ln --nosort -t 192.0.2.90:3
ipvsadm --restore --nosort < /dev/null
ipvsadm -R < /nonexistent
ipvsadm -L --stats --rate --thresholds --persistent-conn --tun-info --exact --nosort --sort -n -t 192.0.2.70:80
