import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.neo4j.cli.ExecutionContext;
import org.neo4j.commandline.admin.security.SetInitialPasswordCommand;
import org.neo4j.server.CommunityEntryPoint;
import picocli.CommandLine;

/** Starts Neo4j Community in a folder: {@code Server DIR SETTING=VALUE…}, the settings as in neo4j.conf. */
final class Server {
    public static void main(String[] args) {
        Path home = Path.of(args[0]).toAbsolutePath();
        Path conf = home.resolve("conf");
        // Only a server that has never run takes its password from outside.
        if (Files.notExists(home.resolve("data/databases/system"))) {
            var command = new CommandLine(new SetInitialPasswordCommand(new ExecutionContext(home, conf)));
            int status = command.execute(System.getenv("LOOMA_ENGINES_PASSWORD"));
            if (status != 0) System.exit(status);
        }
        var options = new ArrayList<>(List.of("--home-dir=" + home, "--config-dir=" + conf, "--console-mode"));
        for (String setting : List.of(args).subList(1, args.length)) options.addAll(List.of("-c", setting));
        CommunityEntryPoint.main(options.toArray(String[]::new));
    }
}
