import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.h2.mvstore.MVStore;

/**
 * A stand-in for a standalone MongoDB: {@code Server DIR PORT}. It is mongo-java-server's store on a file, with the two things
 * added without which nobody could test against it: a login, and every write on file before its answer.
 */
final class Server extends H2Backend {
    private static final String MECHANISM = "SCRAM-SHA-256";
    private static final Set<String> WITHOUT_LOGIN = Set.of("hello", "ismaster", "ping", "saslstart", "saslcontinue", "endsessions");
    private static final Set<String> READS = Set.of("find", "getmore", "count", "distinct", "listcollections", "listindexes");
    /** MongoDB 5.0's number; today's drivers ask for more than the store says of itself. */
    private static final Version VERSION = new Version(List.of(5, 0, 0), 13);
    private static final AttributeKey<Login> LOGIN = AttributeKey.valueOf("login");

    private record Version(List<Integer> getVersionArray, int getWireVersion) implements MongoVersion {}

    private final Scram scram;

    private Server(MVStore file, Scram scram) {
        super(file);
        this.scram = scram;
        version(VERSION);
    }

    public static void main(String[] args) throws Exception {
        Path dir = Files.createDirectories(Path.of(args[0]));
        // Left to itself the file would be committed in the middle of a command.
        MVStore file = new MVStore.Builder().fileName(dir.resolve("documents").toString()).autoCommitDisabled().open();
        Server server = new Server(file, new Scram("looma", System.getenv("LOOMA_ENGINES_PASSWORD")));
        MongoServer listener = new MongoServer(server);
        Runtime.getRuntime().addShutdownHook(new Thread(listener::shutdownNow));
        listener.bind("127.0.0.1", Integer.parseInt(args[1]));
    }

    /** One command at a time, so that what a commit puts on file is whole commands. */
    @Override
    public synchronized Document handleCommand(Channel channel, String database, String command, Document query) {
        String name = command.toLowerCase(Locale.ROOT);
        Login login = channel.attr(LOGIN).get();
        if (!WITHOUT_LOGIN.contains(name) && (login == null || !login.proven)) {
            throw new MongoServerError(13, "Unauthorized", "command " + command + " requires authentication");
        }
        if (query.containsKey("startTransaction")) {
            throw new MongoServerError(20, "IllegalOperation", "a standalone server has no transactions");
        }
        if (name.startsWith("sasl")) return converse(channel, login, query);
        Document answer = super.handleCommand(channel, database, name.equals("hello") ? "isMaster" : command, query);
        if (name.equals("hello") || name.equals("ismaster")) {
            answer.append("helloOk", true).append("isWritablePrimary", true).append("saslSupportedMechs", List.of(MECHANISM));
        }
        if (!READS.contains(name)) commit();
        // The answer is sent after the next command may have begun to change what it shows.
        return answer.cloneDeeply();
    }

    private Document converse(Channel channel, Login login, Document query) {
        String message = new String(((BinData) query.get("payload")).getData());
        try {
            if (query.get("saslStart") != null) {
                if (!MECHANISM.equals(query.get("mechanism"))) throw new GeneralSecurityException("another mechanism");
                login = scram.first(message,
                    query.get("options") instanceof Document options && Boolean.TRUE.equals(options.get("skipEmptyExchange")));
                channel.attr(LOGIN).set(login);
                return said(login.first, false);
            }
            // A client that does not skip it ends with an empty message.
            if (login.proven) return said("", true);
            return said(scram.last(login, message), login.brief);
        } catch (GeneralSecurityException | RuntimeException refused) {
            channel.attr(LOGIN).set(null);
            throw new MongoServerError(18, "AuthenticationFailed", "Authentication failed.");
        }
    }

    private static Document said(String payload, boolean done) {
        return new Document("conversationId", 1).append("done", done).append("payload", new BinData(payload.getBytes())).append("ok", 1.0);
    }

    /** What one connection has said so far. */
    private static final class Login {
        final String bare;
        final String first;
        final String nonce;
        /** Whether the client wants no empty messages at the end. */
        final boolean brief;
        boolean proven;

        Login(String bare, String first, String nonce, boolean brief) {
            this.bare = bare;
            this.first = first;
            this.nonce = nonce;
            this.brief = brief;
        }
    }

    /** The server's side of SCRAM-SHA-256 (RFC 5802 and 7677) for one user. */
    private static final class Scram {
        private static final int ITERATIONS = 4096;

        private final SecureRandom random = new SecureRandom();
        private final String user;
        private final byte[] salt = bytes(28);
        private final byte[] storedKey;
        private final byte[] serverKey;

        Scram(String user, String password) throws GeneralSecurityException {
            this.user = user;
            var spec = new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, 256);
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
            storedKey = MessageDigest.getInstance("SHA-256").digest(mac(salted, "Client Key"));
            serverKey = mac(salted, "Server Key");
        }

        /** {@code n,,n=USER,r=NONCE} is answered with the nonce made longer, the salt and the rounds. */
        Login first(String message, boolean brief) throws GeneralSecurityException {
            String bare = message.substring(message.indexOf("n=", 3));
            Map<String, String> said = fields(bare);
            if (!user.equals(said.get("n"))) throw new GeneralSecurityException("unknown user");
            String nonce = said.get("r") + base64(bytes(24));
            return new Login(bare, "r=" + nonce + ",s=" + base64(salt) + ",i=" + ITERATIONS, nonce, brief);
        }

        /** {@code c=…,r=NONCE,p=PROOF} is checked and answered with the proof of this side. */
        String last(Login login, String message) throws GeneralSecurityException {
            Map<String, String> said = fields(message);
            String signed = login.bare + "," + login.first + "," + message.substring(0, message.lastIndexOf(",p="));
            byte[] key = mac(storedKey, signed);
            byte[] proof = Base64.getDecoder().decode(said.get("p"));
            for (int i = 0; i < key.length; i++) key[i] ^= proof[i];
            login.proven = MessageDigest.isEqual(storedKey, MessageDigest.getInstance("SHA-256").digest(key))
                && login.nonce.equals(said.get("r"));
            if (!login.proven) throw new GeneralSecurityException("wrong password");
            return "v=" + base64(mac(serverKey, signed));
        }

        private byte[] bytes(int count) {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return bytes;
        }

        private static Map<String, String> fields(String message) {
            Map<String, String> fields = new HashMap<>();
            for (String field : message.split(",")) fields.put(field.substring(0, 1), field.substring(2));
            return fields;
        }

        private static String base64(byte[] bytes) {
            return Base64.getEncoder().encodeToString(bytes);
        }

        private static byte[] mac(byte[] key, String text) throws GeneralSecurityException {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes());
        }
    }
}
