using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using MicroSpark.Hashing;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Operators
{
    /// <summary>A process per partition: elements go in as lines, lines come out.</summary>
    internal sealed class PipeNode<T>(PlanNode<T> parent, string command, string[] arguments) : PlanNode<string>(parent)
    {
        private readonly PlanNode<T> _parent = parent;

        private PipeNode(PlanReader reader)
            : this(reader.Parent<T>(), reader.Text(), reader.Value<string[]>())
        {
        }

        public override string Operator => "Pipe";

        public override bool SideEffects => true;

        public override bool RunsPrograms => true;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(command);
            writer.Value(arguments);
        }

        public override ChunkReader<string> Open(int partition, TaskScope scope) => UserSequence.Read(
            () => Lines(scope.Pipe(_parent, partition).Iterate(), scope.Cancellation), new FaultSite(Operator, command, null), scope);

        private IEnumerable<string> Lines(IEnumerable<T> items, CancellationToken cancellation)
        {
            using var process = new PipeProcess(command, arguments);
            using var stopping = cancellation.Register(process.Kill);
            var feeder = new PipeFeeder<T>(items, process);
            try
            {
                while (process.ReadLine() is { } line)
                {
                    yield return line;
                }

                feeder.Join();
                cancellation.ThrowIfCancellationRequested();
                process.EnsureSuccess();
            }
            finally
            {
                process.Kill();
                feeder.Wait();
            }
        }
    }

    /// <summary>The command at work, with the end of what it said about errors.</summary>
    internal sealed class PipeProcess : IDisposable
    {
        private const int ErrorLines = 20;

        private readonly Process _process;
        private readonly Queue<string> _errors = new();

        public PipeProcess(string command, string[] arguments)
        {
            Command = command;
            var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
            _process = new Process
            {
                StartInfo = new ProcessStartInfo(command, arguments)
                {
                    UseShellExecute = false,
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    StandardInputEncoding = utf8,
                    StandardOutputEncoding = utf8,
                    StandardErrorEncoding = utf8,
                },
            };
            _process.ErrorDataReceived += (_, line) => Keep(line.Data);
            try
            {
                _process.Start();
            }
            catch (Win32Exception e)
            {
                _process.Dispose();
                throw new InvalidOperationException(
                    $"Pipe cannot start '{command}': {e.Message}. The command must be there on every worker.", e);
            }

            _process.BeginErrorReadLine();
        }

        public string Command { get; }

        public Stream Input => _process.StandardInput.BaseStream;

        public string? ReadLine() => _process.StandardOutput.ReadLine();

        /// <exception cref="InvalidOperationException">The command ended with an exit code other than 0.</exception>
        public void EnsureSuccess()
        {
            _process.WaitForExit();
            if (_process.ExitCode != 0)
            {
                throw new InvalidOperationException(
                    $"The command '{Command}' of Pipe ended with exit code "
                    + $"{_process.ExitCode}.{string.Concat(_errors.Select(line => $"{Environment.NewLine}{line}"))}");
            }
        }

        public void Kill()
        {
            try
            {
                _process.Kill(entireProcessTree: true);
            }
            catch (InvalidOperationException)
            {
                // It has ended.
            }
        }

        public void Dispose() => _process.Dispose();

        private void Keep(string? line)
        {
            if (line is null)
            {
                return;
            }

            _errors.Enqueue(line);
            if (_errors.Count > ErrorLines)
            {
                _errors.Dequeue();
            }
        }
    }

    /// <summary>
    /// Writes the elements to the command on a thread of its own, since a command may write before it has read everything. The thread
    /// stands in for the task's: functions upstream find the same task there.
    /// </summary>
    internal sealed class PipeFeeder<T>
    {
        private const int StackBytes = 16 << 20;
        private const int BufferChars = 32 << 10;

        private readonly IEnumerable<T> _items;
        private readonly PipeProcess _process;
        private readonly Thread _thread;
        private ExceptionDispatchInfo? _failure;

        public PipeFeeder(IEnumerable<T> items, PipeProcess process)
        {
            (_items, _process) = (items, process);
            var task = TaskContext.Current;
            var (culture, uiCulture) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
            _thread = new Thread(
                () =>
                {
                    TaskContext.OfThread = task;
                    (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, uiCulture);
                    Feed();
                },
                StackBytes)
            {
                IsBackground = true,
                Name = "Pipe input",
            };
            _thread.Start();
        }

        /// <summary>Waits for the end of the input, and throws what its functions threw.</summary>
        public void Join()
        {
            _thread.Join();
            _failure?.Throw();
        }

        public void Wait() => _thread.Join();

        private void Feed()
        {
            var lines = new StreamWriter(_process.Input, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferChars)
            { NewLine = "\n" };
            using var items = _items.GetEnumerator();
            try
            {
                while (items.MoveNext() && Write(lines, TextOf(items.Current)))
                {
                }

                End(lines);
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
                _process.Kill();
                End(lines);
            }
        }

        /// <summary>False when the command has closed its input: it wants no more, or it has ended. Its exit code says which.</summary>
        private static bool Write(StreamWriter lines, string? text)
        {
            try
            {
                lines.WriteLine(text);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }

        private static void End(StreamWriter lines)
        {
            try
            {
                lines.Dispose();
            }
            catch (IOException)
            {
                // As in Write: the last lines were not wanted.
            }
        }

        /// <summary>As it would be in a text file: under the invariant culture, which a tuple hands on to its items.</summary>
        private static string? TextOf(T item)
        {
            if (item is string text)
            {
                return text;
            }

            var culture = CultureInfo.CurrentCulture;
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            try
            {
                return item?.ToString();
            }
            finally
            {
                CultureInfo.CurrentCulture = culture;
            }
        }
    }
}

namespace MicroSpark
{
    public partial class Rdd<T>
    {
        /// <summary>
        /// Runs a command once for each partition, also for empty ones. The command reads the elements' texts as lines (invariant culture,
        /// UTF-8, a null as an empty text). The lines that it writes are the new elements. Narrow. The command is not run through a shell.
        /// An exit code other than 0 fails the task.
        /// </summary>
        /// <param name="command">A program that every worker has.</param>
        /// <param name="arguments">Passed as they are.</param>
        public Rdd<string> Pipe(string command, params string[] arguments)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(command);
            ArgumentNullException.ThrowIfNull(arguments);
            Runner.EnsureUsable();
            string[] copy = [.. arguments];
            return Derive(nameof(Pipe), parent => new PipeNode<T>(parent, command, copy));
        }
    }
}
