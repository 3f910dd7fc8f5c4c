ipvsadm foo -L
ipvsadm foo -A -t 192.0.2.10:80
ipvsadm - -L
ipvsadm -L -
ipvsadm -- -L
ipvsadm -L --
ipvsadm -L -- -n
ipvsadm -L=n
ipvsadm -Ln=c
ipvsadm --list=foo
ipvsadm --list=
ipvsadm --list --numeric=1
ipvsadm -Ln --stats=x
ipvsadm -At
ipvsadm -Az -t 192.0.2.10:80
ipvsadm -A -t 192.0.2.10:80 -nq
ipvsadm -A -qn
ipvsadm -A --bogus=3
ipvsadm --add-service --tcp-service
ipvsadm --add-service --tcp-service=
ipvsadm --add-service --tcp-service=192.0.2.10:80 --scheduler=
ipvsadm -D -t 192.0.2.10:80
ipvsadm ---list
ipvsadm -list
ipvsadm -L ---numeric
ipvsadm -Lh
ipvsadm -L -h
ipvsadm -L --help
ipvsadm -L -v
ipvsadm -hL
ipvsadm -h foo
ipvsadm -v foo
ipvsadm -vh
ipvsadm -v --bogus
ipvsadm -v -C
ipvsadm -h -n
ipvsadm ''
ipvsadm '' -L
ipvsadm -L ''
ipvsadm -A ''
ipvsadm -A -t ''
ipvsadm -A -f ''
ipvsadm -A -f ' 5'
ipvsadm -D -f 5
ipvsadm -A -f '5 '
ipvsadm -A -f +5
ipvsadm -D -f 5
ipvsadm -A -f 05
ipvsadm -D -f 5
ipvsadm -A -f 99999999999999999999
ipvsadm -A -t 192.0.2.10:080 -s rr
ipvsadm -A -t '192.0.2.10: 80' -s rr
ipvsadm -A -t '192.0.2.10:+80' -s rr
ipvsadm -A -t '192.0.2.10:80 ' -s rr
ipvsadm -A -t ' 192.0.2.10:80' -s rr
ipvsadm -A -t '192.0.2.10 :80' -s rr
ipvsadm -A -t 192.0.2.10:0x50 -s rr
ipvsadm -A -t 192.0.2.10:HTTP -s rr
ipvsadm -A -t 0xc000020b:81 -s rr
ipvsadm -A -t 0300.0.2.12:81 -s rr
ipvsadm -A -t 3221226000:81 -s rr
ipvsadm -A -t 3221226000 -s rr -p
ipvsadm -A -t 192.0.2.10/24:80 -s rr
ipvsadm -A -t [2001:db8::30]80 -s rr
ipvsadm -A -t [2001:db8::30]x:80 -s rr
ipvsadm -A -t [2001:db8::31:80 -s rr
ipvsadm -A -t 2001:db8::31]:80 -s rr
ipvsadm -A -t [] -s rr
ipvsadm -A -t []:80 -s rr
ipvsadm -A -t [ -s rr
ipvsadm -A -t ] -s rr
ipvsadm -A -t : -s rr
ipvsadm -A -t :: -s rr -p
ipvsadm -A -t ::1 -s rr -p
ipvsadm -A -t ::ffff:1.2.3.4 -s rr -p
ipvsadm -A -t [::ffff:1.2.3.4]:80 -s rr
ipvsadm -A -t [2001:db8::30]: -s rr -p
ipvsadm -A -t [2001:db8::30]:http -s rr
ipvsadm -A -t [2001:db8::30]:99999 -s rr
ipvsadm -A -t vip6.example.net:80 -s rr
ipvsadm -A -t [vip6.example.net]:80 -s rr
ipvsadm -A -t [vip.example.net]:80 -s rr -p
ipvsadm -A -t [192.0.2.44]:80 -s rr -p
ipvsadm -A -t [192.0.2.45] -s rr -p
ipvsadm -A -t vip.example.net -s rr -p
ipvsadm -A -t localhost:83 -s rr
ipvsadm -A -t 1:2:3 -s rr
ipvsadm -A -t 192.0.2.10:80:90 -s rr
ipvsadm -A -u 192.0.2.10:http -s rr
ipvsadm -A -u 192.0.2.10:https -s rr
ipvsadm -A -u 192.0.2.10:tftp -s rr
ipvsadm -A -t 192.0.2.10:tftp -s rr
ipvsadm -A --sctp-service 192.0.2.10:http -s rr
ipvsadm -A --sctp-service 192.0.2.10:3868 -s rr
ipvsadm -A --sctp-service 192.0.2.10:3869 -s rr -o
ipvsadm -A --sctp-service 192.0.2.10 -s rr
ipvsadm -Sn
ipvsadm -S
ipvsadm -C
ipvsadm -A -p
ipvsadm -A -p 5
ipvsadm -A -M 255.255.255.0 -t 192.0.2.10:80
ipvsadm -A -M 64 -t [2001:db8::10]:81 -s rr -p
ipvsadm -A -M 64
ipvsadm -A -p -M 1.2.3 -t 192.0.2.10:82 -s rr
ipvsadm -A -t 192.0.2.10:84 -s rr -p -M vip.example.net
ipvsadm -A -t 192.0.2.10:85 -s rr -p -M 64x
ipvsadm -A -t [2001:db8::10]:82 -s rr -p -M 64x
ipvsadm -A -t [2001:db8::10]:83 -s rr -p -M ' 64'
ipvsadm -A -t [2001:db8::10]:84 -s rr -p -M -1
ipvsadm -A -f 4 -M 24 -6 -s rr -p
ipvsadm -A -f 4 -6 -M 24 -s rr -p
ipvsadm -A -f 4 -6 -6 -s rr -p
ipvsadm -A -6
ipvsadm -Sn
ipvsadm -C
ipvsadm -A -t 192.0.2.10:80 -p -p
ipvsadm -A -t 192.0.2.10:80 -p60 -s=rr
ipvsadm -A -t 192.0.2.10:81 -p=60 -srr
ipvsadm -A -t 192.0.2.10:82 -p ''
ipvsadm -A -t 192.0.2.10:82 --persistent='' -s rr
ipvsadm -A -t 192.0.2.10:82 -p 5x
ipvsadm -A -t 192.0.2.10:82 -p +5 -s rr
ipvsadm -A -t 192.0.2.10:83 -p -s rr extra
ipvsadm -A -t 192.0.2.10:83 -s ''
ipvsadm -A -t 192.0.2.10:84 -b sh-port -s sh
ipvsadm -A -t 192.0.2.10:85 -b sh-port,,sh-fallback -s sh
ipvsadm -A -t 192.0.2.10:86 -b sh-port, -s sh
ipvsadm -A -t 192.0.2.10:87 -b ,sh-port -s sh
ipvsadm -A -t 192.0.2.10:88 -b SH-PORT -s sh
ipvsadm -A -t 192.0.2.10:89 -b sh -s sh
ipvsadm -A -t 192.0.2.10:90 -b flag-4 -s sh
ipvsadm -A -t 192.0.2.10:91 -b ' flag-1' -s sh
ipvsadm -A -t 192.0.2.10:92 -b sh-port -b flag-1 -s sh
ipvsadm -A -t 192.0.2.10:93 -b flag-1 -s nosuch
ipvsadm -A -t 192.0.2.10:94 -b sh-port,bogus -s rr
ipvsadm -A -t 192.0.2.10:94 -b bogus,sh-port -s rr
ipvsadm -A -t 192.0.2.10:95 -s rr -b flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-1,flag-2
ipvsadm -A -t 192.0.2.10:96 -s rr -b flag-3,flag-1 -p 7 -M 255.255.0.0 --pe sip
ipvsadm -A -t 192.0.2.10:97 -s rr --pe ''
ipvsadm -A -t 192.0.2.10:98 -s rr --pe averyveryverylongpename
ipvsadm -A -t 192.0.2.10:99 -o -s rr -b bogus
ipvsadm -A -t 192.0.2.10 -o -s rr -b bogus
ipvsadm -A -t 192.0.2.10:100 -w 3 -o
ipvsadm -A -o -w 3
ipvsadm -A -u 192.0.2.10 -o
ipvsadm -A -u 192.0.2.10:101 -o -o
ipvsadm -Ln
ipvsadm -Sn
ipvsadm -C
ipvsadm -A -t 192.0.2.10:80 -s rr -p 5
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.1 -g -p 5
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.1 -r 10.0.0.2
ipvsadm -a -r 10.0.0.2 -t 192.0.2.10:80 -m
ipvsadm -a -r 10.0.0.3 -t 192.0.2.10:80
ipvsadm -a -r 10.0.0.4:http -t 192.0.2.10:80 -m
ipvsadm -a -r 10.0.0.4:tftp -t 192.0.2.10:80 -m
ipvsadm -a -t 192.0.2.10:80 -r 80 -m
ipvsadm -a -t 192.0.2.10:80 -r '' -m
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.5 -m -w 5 -w 6
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.5 -m -w +5
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.6 -m -w ' 5'
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.7 -m -w '5 '
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.7 -m -w 0x5
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.7 -m -w 007
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.8 -m -w 99999999999999999999
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.8 -m -x 99999999999999999999
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.8 -m -x 2147483647 -y 2147483647
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.9 -m -x 2147483648
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.9 -m -y 2147483648
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.9 -m -y -1
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.9 -m -y5 -x5
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.10 -i -w 2 --tun-type gue --tun-port 65535 --tun-csum
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type GUE --tun-port 1
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type ''
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gue --tun-port x
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gue --tun-port ''
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gue --tun-type gre
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gue --tun-port 1 --tun-port 2
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gue --tun-nocsum --tun-csum
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gue --tun-port 5 --tun-nocsum --tun-csum
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gue --tun-port 5 --tun-nocsum --tun-remcsum
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gue --tun-port 5 --tun-nocsum --tun-csum --tun-remcsum
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gre --tun-nocsum --tun-csum
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gre --tun-nocsum --tun-nocsum
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-type gre --tun-port 5 --tun-remcsum
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-port 5 --tun-nocsum
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 -i --tun-remcsum --tun-nocsum
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 --tun-csum -g
ipvsadm -a -t 192.0.2.10:80 -r [2001:db8::1]:80 --tun-csum -g
ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11 --tun-type ipip -m
ipvsadm -d -t 192.0.2.10:80 -r 10.0.0.10 --tun-type gue
ipvsadm -d -t 192.0.2.10:80 -r 10.0.0.10 -i
ipvsadm -a -f 9 -r 10.0.0.1
ipvsadm -e -f 9 -r 10.0.0.1
ipvsadm -d -f 9 -r 10.0.0.1
ipvsadm -e -t 192.0.2.10:80 -r 10.0.0.10 -i --tun-type gre --tun-csum -w 3
ipvsadm -L --tun-info -n
ipvsadm -L --tun-info --thresholds -n
ipvsadm -L --tun-info --stats -n
ipvsadm -L --persistent-conn --thresholds -n
ipvsadm -L --persistent-conn --rate -n
ipvsadm -L --persistent-conn --timeout
ipvsadm -L --persistent-conn --daemon
ipvsadm -L --stats --timeout
ipvsadm -L --rate --daemon
ipvsadm -L --thresholds -c
ipvsadm -L --persistent-conn -c
ipvsadm -L -c -c
ipvsadm -L -n -n
ipvsadm -L --sort --sort
ipvsadm -L --nosort --nosort
ipvsadm -L --exact -X
ipvsadm -Ln -X
ipvsadm -LnX --rate
ipvsadm -L --syncid 5 -n
ipvsadm -L --timeout --nosort --sort -n -X
ipvsadm -L --timeout --tun-info
ipvsadm -L --daemon -t 192.0.2.10:80 -c
ipvsadm -L -p
ipvsadm -L -M 255.255.255.0
ipvsadm -L -m -i
ipvsadm -L --mcast-ttl 3
ipvsadm -L --sync-maxlen 3
ipvsadm -Ln -t 192.0.2.10:80 --stats
ipvsadm -Ln -t 192.0.2.10:80 --thresholds --exact
ipvsadm -Ln -t 192.0.2.10:80 --persistent-conn
ipvsadm -Ln -t 192.0.2.10:80 --tun-info --nosort
ipvsadm -Ln -t 192.0.2.10 
ipvsadm -l -f 77
ipvsadm -Sn -X
ipvsadm -S --nosort
ipvsadm -S -c
ipvsadm -Z -r 10.0.0.1
ipvsadm -Z -t 192.0.2.10:80 -n
ipvsadm -Z -f 1
ipvsadm -C -C
ipvsadm -C foo
ipvsadm -C -- foo
ipvsadm -C --sort
ipvsadm -C -6
ipvsadm -R -n
ipvsadm -R -R
ipvsadm -R --sort < /dev/null
ipvsadm --set 1 2 3 -n
ipvsadm --set 1 2 3 -t 192.0.2.10:80
ipvsadm --set 1 -n 2 3
ipvsadm -n --set 1 2 3
ipvsadm --set=1 2 3
ipvsadm --set 1 2 -q
ipvsadm --set 1 2 3 --sort
ipvsadm -L --timeout
ipvsadm 5 --set 6 7
ipvsadm -L --timeout
ipvsadm --set -- 8 9 10
ipvsadm -L --timeout
ipvsadm --set 1 '' 3
ipvsadm --set +1 ' 2' 3
ipvsadm -L --timeout
ipvsadm --set 1 2 3x
ipvsadm --set 1 2x 3 4
ipvsadm --set 1 2 -- -3
ipvsadm --set 4294967297 2 3
ipvsadm --set 900 120 300
ipvsadm --start-daemon master backup
ipvsadm --start-daemon MASTER
ipvsadm --start-daemon ''
ipvsadm --start-daemon master --start-daemon backup
ipvsadm --start-daemon master --stop-daemon backup
ipvsadm --start-daemon master -n
ipvsadm --start-daemon master --mcast-interface
ipvsadm --start-daemon master --mcast-interface '' --syncid 1
ipvsadm -L --daemon
ipvsadm --stop-daemon master
ipvsadm --start-daemon master --syncid 1 --syncid 2
ipvsadm --start-daemon master --syncid ''
ipvsadm --start-daemon master --syncid 1x
ipvsadm --start-daemon master --mcast-group ''
ipvsadm --start-daemon master --mcast-group ::1
ipvsadm --start-daemon master --mcast-group [ff02::81]
ipvsadm --start-daemon master --mcast-group 224.0.0
ipvsadm --start-daemon master --mcast-group 239.255.255.255
ipvsadm -L --daemon
ipvsadm --stop-daemon master --syncid 9
ipvsadm --start-daemon master --mcast-group 240.0.0.1
ipvsadm --start-daemon backup --mcast-port 5 --mcast-ttl 255 --sync-maxlen 65507
ipvsadm -L --daemon
ipvsadm --stop-daemon backup --mcast-port 5
ipvsadm --stop-daemon backup --syncid 256
ipvsadm --stop-daemon backup -n
ipvsadm --stop-daemon backup foo
ipvsadm --stop-daemon backup
ipvsadm --start-daemon master --sync-maxlen 65508
ipvsadm --start-daemon master --sync-maxlen 1
ipvsadm -L --daemon
ipvsadm --stop-daemon master
ipvsadm --start-daemon master --mcast-port x
ipvsadm --start-daemon master --mcast-ttl x
ipvsadm --start-daemon master --sync-maxlen x
ipvsadm -E -f 5
ipvsadm -E -t 192.0.2.10
ipvsadm -E -t 192.0.2.10:80 -o
ipvsadm -D -f 5 -6 -6
ipvsadm -A -A
ipvsadm -A -E
ipvsadm -A -l
ipvsadm -A --set
ipvsadm -A --start-daemon master
ipvsadm -A --stop-daemon master
ipvsadm -A -R
ipvsadm -A -S
ipvsadm -A -Z
ipvsadm -A -h
ipvsadm -A -v
ipvsadm -A --add-server
ipvsadm -A --clear
ipvsadm -A --zero -t 192.0.2.10:80
ipvsadm -Ln -D
ipvsadm -C --save
printf -- '-A -t 192.0.2.20:80 -s rr\n-v\n-A -t 192.0.2.20:81 -s rr\n' | ipvsadm -R
ipvsadm -Sn
printf -- '-h\n-A -t 192.0.2.20:82 -s rr\n' | ipvsadm -R | head -1
ipvsadm -Sn
printf -- '-A -t 192.0.2.20:83 -s rr\n-Sn\n-C\n' | ipvsadm -R
printf -- '-D -t 192.0.2.20:83\n-D -t 192.0.2.20:84\n' | ipvsadm -R
printf -- '-L -t 192.0.2.20:83\n' | ipvsadm -R
printf -- '-L -t 192.0.2.20:83\n-L --timeout\n' | ipvsadm -R
printf -- 'ipvsadm\n' | ipvsadm -R
printf -- '   \n\t\n' | ipvsadm -R
printf -- 'ipvsadm -L\n' | ipvsadm -R
printf -- '/sbin/ipvsadm -L -n\n' | ipvsadm -R
printf -- '-A -t 192.0.2.20:85 ipvsadm -s rr\n' | ipvsadm -R
printf -- '-A -t "192.0.2.20:86" -s rr\n' | ipvsadm -R
printf -- '-A -t 192.0.2.20:87\r\n' | ipvsadm -R
printf -- '-A\v-t\f192.0.2.20:88 -s rr\n' | ipvsadm -R
printf -- '-A -t 192.0.2.20:89 -s rr\n-A -t 192.0.2.20:89 -s rr\n-A -t 192.0.2.20:90 -q\n' | ipvsadm -R
printf -- '-A -t 192.0.2.20:91 -s rr foo\n-A -t 192.0.2.20:92 -s rr\n' | ipvsadm -R
printf -- '--set 1 2 3\n--set 1 2\n--set 4 5 6\n' | ipvsadm -R
printf -- '-Z\n-Z -t 192.0.2.99:80\n' | ipvsadm -R
printf -- '-A -t 192.0.2.20:93 -s rr -p\n-a -t 192.0.2.20:93 -r 10.0.0.1\n-d -t 192.0.2.20:93 -r 10.0.0.2\n-D -t 192.0.2.20:93\n' | ipvsadm -R
printf -- '-n\n' | ipvsadm -R
printf -- '--restore\n' | ipvsadm -R
printf -- '-R foo\n' | ipvsadm -R
printf -- '-A -t 192.0.2.20:94 -s rr # trailing\n' | ipvsadm -R
printf -- "-A -t 192.0.2.20:95 -s 'rr'\n" | ipvsadm -R
printf -- '-A -t 192.0.2.20:96 -s rr\0 -p 5\n-A -t 192.0.2.20:97 -s rr\n' | ipvsadm -R
ipvsadm -Sn
ipvsadm-save -x
ipvsadm-save foo
ipvsadm-save -h
ipvsadm-save --help
ipvsadm-restore -h
ipvsadm-restore foo </dev/null
ipvsadm-save -n -n
ipvsadm-save --numeric
printf -- '# a comment\n-A -t 192.0.2.30:80 -s rr\n  # indented\n' | ipvsadm-restore
printf -- '# a comment\n\n-A -t 192.0.2.30:81 -s rr\n' | ipvsadm-restore
ipvsadm -Sn
exec -a foo ipvsadm -q
exec -a /usr/bin/foo ipvsadm -h | head -3
ipvsadm -Ln --thresholds --persistent-conn --tun-info
