using System.Reflection;
using System.Runtime.InteropServices;
using MicroSpark.Fuzz;
using SharpFuzz;

// Reads what AFL++ thinks of with one target of the tests, in their own folder, whose copies of MicroSpark tell which code was reached.
//
//   MicroSpark.Fuzz TESTS.dll --list             the names of all targets
//   MicroSpark.Fuzz TESTS.dll --seeds FOLDER     their valid bytes, a folder each
//   MicroSpark.Fuzz TESTS.dll TARGET             under afl-fuzz
unsafe
{
    // The code tells where it is from its first step on, before anybody listens.
    SharpFuzz.Common.Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(1 << 16);
}

// There is no list of what belongs to this program: whoever asks for one is told so, as if it had never had any.
AppContext.SetData("APP_CONTEXT_DEPS_FILES", "");
var tests = Assembly.LoadFrom(Path.GetFullPath(args[0]));
Targets.Visit(tests, (name, valid, read) =>
{
    switch (args[1])
    {
        case "--list":
            Console.WriteLine(name);
            break;
        case "--seeds":
            var folder = Directory.CreateDirectory(Path.Combine(args[2], name)).FullName;
            for (var i = 0; i < valid.Length; i++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"valid-{i}"), valid[i]);
            }

            break;
        case var wanted when wanted == name:
            // Once before anybody listens: types are made at their first use, and whatever is made once is no news.
            Array.ForEach(valid, bytes => read(bytes));
            Fuzzer.Run(stream =>
            {
                using var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                unsafe
                {
                    // A reader without a branch tells nothing, and would be taken for one that is not watched.
                    SharpFuzz.Common.Trace.SharedMem[0]++;
                }

                read(bytes.ToArray());
            });
            break;
        default:
            break;
    }
});
