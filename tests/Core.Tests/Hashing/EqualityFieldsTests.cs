using MicroSpark.Hashing;
using MicroSpark.Tests.Closures;
using Microsoft.CodeAnalysis;

namespace MicroSpark.Tests.Hashing;

/// <summary>Which fields are hashed for types of a program, as the compiler writes their Equals for debugging and for release.</summary>
public sealed class EqualityFieldsTests
{
    private const string Program = """
        using System;
        using System.Collections.Generic;
        using System.Linq;

        public abstract class Key
        {
            protected int Id = 1;
            protected string Name = "";
            public abstract bool Same(object other);
            public override bool Equals(object other) => Same(other);
            public override int GetHashCode() => 0;
        }

        public sealed class Ordinal : Key { public override bool Same(object o) => o is Ordinal x && string.Equals(Name, x.Name, StringComparison.Ordinal); }
        public sealed class OrdinalOfText : Key { public override bool Same(object o) => o is OrdinalOfText x && Name.Equals(x.Name, StringComparison.Ordinal); }
        public sealed class OrdinalComparer : Key { public override bool Same(object o) => o is OrdinalComparer x && StringComparer.Ordinal.Equals(Name, x.Name); }
        public sealed class CaseLess : Key { public override bool Same(object o) => o is CaseLess x && Id == x.Id && string.Equals(Name, x.Name, StringComparison.OrdinalIgnoreCase); }
        public sealed class CaseLessComparer : Key { public override bool Same(object o) => o is CaseLessComparer x && StringComparer.OrdinalIgnoreCase.Equals(Name, x.Name); }
        public sealed class AnyCulture : Key { public override bool Same(object o) => o is AnyCulture x && Name.Equals(x.Name, StringComparison.CurrentCulture); }

        public sealed class Block : Key
        {
            public int Number
            {
                get { return Id; }
            }
            public override bool Same(object o)
            {
                if (ReferenceEquals(this, o)) { return true; }
                var x = o as Block;
                if (x == null) { return false; }
                return Number == x.Number && GetType() == x.GetType();
            }
        }

        public sealed class Loop : Key
        {
            private readonly int[] _items = [];
            public override bool Same(object o)
            {
                if (o is not Loop x || x.Id != Id || x._items.Length != _items.Length) { return false; }
                for (var i = 0; i < _items.Length; i++)
                {
                    if (_items[i] != x._items[i] || x.Name != Name) { return false; }
                }
                return true;
            }
        }

        public sealed class Each : Key
        {
            private readonly List<string> _items = [];
            public override bool Same(object o)
            {
                if (o is not Each x || x.Id != Id) { return false; }
                foreach (var item in _items)
                {
                    if (!x._items.Contains(item)) { return false; }
                }
                return x.Name == Name;
            }
        }

        public sealed class Caught : Key
        {
            public override bool Same(object o)
            {
                try { return ((Caught)o).Id == Id; } catch (InvalidCastException) { return true; }
            }
        }

        public sealed class Cast : Key
        {
            private readonly object _tag = 1;
            public override bool Same(object o) => o is Cast x && (_tag as string) == (x._tag as string);
        }

        public sealed class Circular : Key, IEquatable<Circular>
        {
            public override bool Same(object o) => EqualityComparer<Circular>.Default.Equals(this, (Circular)o) || Name == ((Circular)o).Name;
            public bool Equals(Circular x) => Id == x.Id && Name == x.Name;
        }

        public sealed class Helped : Key { public override bool Same(object o) => o is Helped x && Text.Equals(Name, x.Name); }
        public static class Text { public static bool Equals(string a, string b) => a.Length == b.Length; }

        public sealed class Framework : Key
        {
            private readonly decimal _price = 1;
            private readonly int? _number = 1;
            public override bool Same(object o) =>
                o is Framework x && decimal.Equals(_price, x._price) && object.Equals(Name, x.Name) && Nullable.Equals(_number, x._number);
        }

        public sealed class Holder : Key
        {
            private readonly List<int> _items = [];
            private readonly CaseLessComparer _inner = new();
            private readonly (int, List<int>) _pair = (1, []);
            public override bool Same(object o) =>
                o is Holder x && Id == x.Id && _items == x._items && _inner.Equals(x._inner) && _pair.Equals(x._pair);
        }

        public sealed class OnlyHolder : Key
        {
            private readonly List<int> _items = [];
            public override bool Same(object o) => o is OnlyHolder x && _items == x._items;
        }

        public sealed class Chain : Key
        {
            private readonly Chain _next = null;
            private readonly Link _link = null;
            public override bool Same(object o) => o is Chain x && Id == x.Id && Equals(_next, x._next) && Equals(_link, x._link);
        }
        public sealed class Link : Key
        {
            private readonly Chain _chain = null;
            public override bool Same(object o) => o is Link x && Equals(_chain, x._chain);
        }
        """;

    [Theory]
    [InlineData("Ordinal", "Name")]
    [InlineData("OrdinalOfText", "Name")]
    [InlineData("OrdinalComparer", "Name")]
    [InlineData("CaseLess", "Id")]
    [InlineData("CaseLessComparer", "")]
    [InlineData("AnyCulture", "")]
    [InlineData("Block", "Id")]
    [InlineData("Loop", "Id")]
    [InlineData("Each", "Id")]
    [InlineData("Caught", "")]
    [InlineData("Cast", "")]
    [InlineData("Circular", "")]
    [InlineData("Helped", "")]
    [InlineData("Framework", "Name _price _number")]
    [InlineData("Holder", "Id")]
    [InlineData("OnlyHolder", "")]
    [InlineData("Chain", "Id _next _link")]
    [InlineData("Link", "_chain")]
    public void The_hash_is_of_what_every_way_to_true_compares(string name, string fields)
    {
        foreach (var optimization in new[] { OptimizationLevel.Debug, OptimizationLevel.Release })
        {
            var type = new Workshop().Add($"Keys{optimization}", Program, optimization).GetType(name)!;
            Assert.Equal(fields, string.Join(' ', EqualityFields.Of(type).Select(static f => f.Name)));
            Assert.Equal(fields.Length > 0, KeyTypes.HasStableHash(type));
            if (fields.Length > 0)
            {
                var (one, other) = (Activator.CreateInstance(type)!, Activator.CreateInstance(type)!);
                Assert.Equal(BoxedHasher.For(type).Hash(one), BoxedHasher.For(type).Hash(other));
            }
        }
    }

    [Fact]
    public void Code_that_cannot_be_read_gives_no_fields()
    {
        var workshop = new Workshop();
        workshop.Reference(workshop.Compile("Elsewhere", "public sealed class Gone { public static int Of(int x) => x; }").Image);
        var type = workshop.Add(
            "Without",
            """
            public sealed class Key
            {
                private readonly int _id = 1;
                public override bool Equals(object o) => o is Key x && Gone.Of(_id) == Gone.Of(x._id);
                public override int GetHashCode() => 0;
            }
            """).GetType("Key")!;
        Assert.Empty(EqualityFields.Of(type));
        var error = Assert.Throws<ArgumentException>(() => KeyTypes.EnsureKey(type, "Distinct"));
        Assert.Contains("Implement IStableHash", error.Message, StringComparison.Ordinal);
    }
}
